export const USAGE = `Kabar, a WhatsApp webhook gateway

  kabar                             run the gateway; settings come from the environment
  kabar demo [--stay]               show everything at work, without a phone
  kabar simulate [--port 3003]      run only the WhatsApp network simulator
  kabar webhook status              ask a running gateway about WEBHOOK_URL
  kabar webhook test [event] [json] send a test event to WEBHOOK_URL
  kabar health                      ask the gateway on this machine whether it can take work
  kabar backup <file>               copy the database, also while the gateway runs
  kabar restore <file> [--force]    bring such a copy back, while it does not
  kabar version
  kabar help`;
