/** What stands where a secret stood. */
export const redacted = '[redacted]'

type Replacement = string | ((text: string, ...groups: string[]) => string)
/** What a text must have in it, else the pattern need not look; then what to replace by what. */
type Rule = readonly [needs: RegExp, pattern: RegExp, replacement: Replacement]

const names =
  'password|passwd|pwd|secret(?:[-_ ]?(?:access[-_ ]?)?key)?|token|api[-_ ]?key|private[-_ ]?key|access[-_ ]?key|' +
  'signing[-_ ]?key|encryption[-_ ]?key|key[-_]?id|credentials?|signature|jwt|webhook(?:[-_ ]?url)?|smtp(?:[-_ ]?url)?|' +
  '(?:apca-api|ok-access|cf-access)-[a-z-]{1,32}'
/** What has blanks in it: secret up to the end of the line. */
const namesOfLines = '(?:proxy-)?authorization|(?:set-)?cookie|prompt|instructions|pass[-_ ]?phrase'

/** A name, `:` or `=`, and a value, either perhaps in quotes, which may be escaped. */
function assigned(some: string, value: string): RegExp {
  const quoted = String.raw`\\*"(?:[^"\\]|\\.)*"?|'[^']*'?`
  return new RegExp(
    String.raw`((?:${some})\\*["']?\s{0,8}[:=](?!\s*\\*["']?\[redacted\])\s{0,8})(?:${quoted}|${value})`,
    'gi',
  )
}

const assignment = /[:=]/
const address = /:\/\//

const rules: readonly Rule[] = [
  // Keys and certificates in PEM, also cut short.
  [/-----BEGIN/, /-----BEGIN [^-\r\n]{1,64}-----[\s\S]*?(?:-----END [^-\r\n]{1,64}-----|$)/g, redacted],
  [address, /\bsmtps?:\/\/[^\s"'<>]+/gi, redacted],
  [address, /\b([a-z][a-z0-9+.-]{0,31}:\/\/)[^\s"'<>]+/gi, (url, scheme) => withoutSecrets(url, scheme ?? '')],
  [assignment, assigned(namesOfLines, String.raw`[^\r\n]+`), `$1${redacted}`],
  [assignment, assigned(names, String.raw`[^\s,;&"'<>)}\]]+`), `$1${redacted}`],
  [/bearer|digest|negotiate/i, /\b(bearer|digest|negotiate)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${redacted}`],
  [/Basic/, /\bBasic\s+[A-Za-z0-9+/]{6,}={0,2}/g, `Basic ${redacted}`],
  // JSON web tokens, also cut short.
  [/eyJ/, /eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}/g, redacted],
  // Keys of language models and payments, of GitHub, Slack, Google and Amazon, and a Telegram bot's.
  [/[kc][-_]/, /(?<![A-Za-z0-9])(?:sk|rk|pk|whsec)[-_][A-Za-z0-9_-]{8,}/g, redacted],
  [/gh._|_pat_|xox|AIza/, /(?<![A-Za-z0-9])(?:gh[pousr]_|github_pat_|xox[a-z]-|AIza)[A-Za-z0-9_-]{8,}/g, redacted],
  [/AKIA|ASIA/, /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,}/g, redacted],
  [assignment, /(?<![0-9])[0-9]{8,10}:[A-Za-z0-9_-]{30,}/g, redacted],
  [/@/, /[^\s@<>"'(),:;=[\]{}/\\]{1,64}@[^\s@<>"'(),:;=[\]{}/\\]{1,255}\.\p{L}{2,63}/gu, redacted],
]

/** Addresses that whoever knows them can post to. */
const webhook = /^https?:.*(?:webhook|\/\/hooks?\.|\/hooks?\/)/i
const userInfo = /^[^/?#]*@/

function withoutSecrets(url: string, scheme: string): string {
  if (webhook.test(url)) return redacted
  const rest = url.slice(scheme.length)
  return userInfo.test(rest) ? `${scheme}${redacted}@${rest.replace(userInfo, '')}` : url
}

/** Each of the rules needs one of these, so that most texts are looked at once. */
const suspicious = /[@:=]|-----BEGIN|eyJ|[kc][-_]|gh._|_pat_|xox|AIza|AKIA|ASIA|bearer|digest|negotiate|Basic/i
/** A shorter text holds none of the shapes, but it may say `pwd=1`. */
const shortestShape = 11
const shortSuspicious = /[@:=]/

/** The text without what looks like a secret: keys, tokens, PEM, credentials in addresses, webhooks, e-mail addresses, and values that a name or `extra` gives away. */
export function redactShapes(text: string, extra: readonly RegExp[]): string {
  let clean = text
  for (const pattern of extra) clean = clean.replace(pattern, redacted)
  if (!(clean.length < shortestShape ? shortSuspicious : suspicious).test(clean)) return clean
  for (const [needs, pattern, replacement] of rules) {
    if (!needs.test(clean)) continue
    clean = typeof replacement === 'string' ? clean.replace(pattern, replacement) : clean.replace(pattern, replacement)
  }
  return clean
}
