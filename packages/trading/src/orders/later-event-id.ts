/**
 * Whether one event id counts as later than another of the same instant: the longer one, then the one that sorts later. So it is right for
 * ids that count up (`event-9`, `event-10`), and always the same for others.
 */
export function isLaterEventId(later: string, earlier: string): boolean {
  return later.length === earlier.length ? later > earlier : later.length > earlier.length
}
