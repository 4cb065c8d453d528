/** Rights of a tenant that never end, for tests about something else. */
export const lastingRights = (): AbortSignal => new AbortController().signal;

/** No tenant is suspended. */
export const nobodySuspended = (): boolean => false;
