/** What advertising says and opinion does not. Taken from reading posts, kept narrow: news about a subscription service must pass. */
const patterns: readonly RegExp[] = [
  /\bpenny ?stock (?:pick|alert|play|winner)s?\b/i,
  /\bsubscribe (?:now|today|here|to (?:get|our|receive))\b/i,
  /\b(?:join|follow) (?:us|our|my|me)\b.{0,60}\b(?:room|chat|group|alerts?|picks?|newsletter|free|discord|telegram|whatsapp)\b/i,
  /\b(?:free|live) (?:trial|trading room|chat ?room|stock picks?|trade alerts?|e-?book|webinar|newsletter)\b/i,
  /\b(?:our|my|next|latest|last|new|hot) (?:\w+ ){0,3}(?:pick|alert)s? (?:is|was|are|has|have|up|gained|made|ran|soared)\b/i,
  /\b(?:picks?|alerts?) (?:is|are|was|were|have|has)? ?(?:up|gained|returned) (?:over )?[\d,.]+ ?%/i,
  /\bguaranteed (?:profit|return|win|gain|income)s?\b/i,
  /\b(?:make|earn|made) \$?[\d,.]+k? ?(?:a|per|every|each|in (?:a|one)) (?:day|week|month)\b/i,
  /\bcheck out (?:our|my|the|these)\b.{0,60}\b(?:positions?|picks?|alerts?|gainers?|website|newsletter|room|trades?)\b/i,
  /\b(?:stock (?:forum|message board)) updated\b/i,
  /\b(?:dm|text|message|whatsapp) (?:me|us)\b.{0,40}\b(?:for|to)\b/i,
  /\bget (?:our|my) (?:next|free|latest|future) (?:pick|alert|report)s?\b/i,
  /\bclick (?:here|the link)\b/i,
]

/** True for a text that sells picks, alerts, rooms or subscriptions. */
export function isPromotional(text: string): boolean {
  return patterns.some((pattern) => pattern.test(text))
}
