import type { Hono } from "@hono/hono";
import type { UiEnv } from "../http/env.ts";
import { type BlastPageDeps, createBlastPages } from "./blasts.tsx";
import { type ChatFileDeps, createChatFilePages } from "./chat_files.ts";
import { type ChatPageDeps, createChatPages } from "./chats.tsx";
import { createCataloguePages } from "./catalogue.tsx";
import { createDevicePages, type DevicePageDeps } from "./devices.tsx";
import { createDeliveryPages, type DeliveryPageDeps } from "./deliveries.tsx";
import { createReplayPages, type ReplayPageDeps } from "./replays.tsx";
import { createEventPages, type EventPageDeps } from "./events.tsx";
import { createNewMessagePages, type NewMessagePageDeps } from "./new_message.tsx";
import { createScheduledPages, type ScheduledPageDeps } from "./scheduled.tsx";
import { createOptOutPages, type OptOutPageDeps } from "./opt_outs.tsx";
import { createFleetPages, type FleetPageDeps } from "./fleet.tsx";
import { createFindPages } from "./find.tsx";
import { createKeyPages, type KeyPageDeps } from "./keys.tsx";
import { createLogPages } from "./logs.tsx";
import { createMessagePages, type MessagePageDeps } from "./messages.tsx";
import { createWebhookPages, type WebhookPageDeps } from "./webhooks.tsx";
import { createSettingsPages, type SettingsPageDeps } from "./settings.tsx";
import { createTenantPages, type TenantPageDeps } from "./tenants.tsx";
import { createTemplatePages, type TemplatePageDeps } from "./templates.tsx";
import { createHomePages, type HomePageDeps } from "./home.tsx";

export type PageDeps =
  & HomePageDeps
  & EventPageDeps
  & MessagePageDeps
  & Parameters<typeof createFindPages>[0]
  & Parameters<typeof createLogPages>[0]
  & DevicePageDeps
  & WebhookPageDeps
  & SettingsPageDeps
  & TenantPageDeps
  & FleetPageDeps
  & DeliveryPageDeps
  & ReplayPageDeps
  & BlastPageDeps
  & ChatPageDeps
  & ChatFileDeps
  & TemplatePageDeps
  & KeyPageDeps
  & OptOutPageDeps
  & ScheduledPageDeps
  & NewMessagePageDeps
  & Parameters<typeof createCataloguePages>[0];

/** Every page, by the group that draws it. */
export function createPages(deps: PageDeps): readonly Hono<UiEnv>[] {
  return [
    createHomePages(deps),
    createDevicePages(deps),
    createWebhookPages(deps),
    createSettingsPages(deps),
    createTenantPages(deps),
    createFleetPages(deps),
    createDeliveryPages(deps),
    createReplayPages(deps),
    createEventPages(deps),
    createScheduledPages(deps), // before /messages/:id
    createNewMessagePages(deps),
    createMessagePages(deps),
    createFindPages(deps),
    createLogPages(deps),
    createBlastPages(deps),
    createChatPages(deps),
    createChatFilePages(deps),
    createTemplatePages(deps),
    createKeyPages(deps),
    createOptOutPages(deps),
    createCataloguePages(deps),
  ];
}
