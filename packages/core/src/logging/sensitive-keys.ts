// Compared without case, dashes and the like; a star stands for anything. Header names of the brokers and of Cloudflare Access
// are families; the rest are words that mean a secret wherever they stand in a name.
const defaultKeys: readonly string[] = [
  '*authorization*',
  '*cookie*',
  '*apikey*',
  'apca-api-*',
  'ok-access-*',
  'cf-access-*',
  '*passphrase*',
  '*password*',
  '*passwd*',
  'pwd',
  '*secret*',
  '*token',
  '*tokens',
  'token*',
  '*privatekey*',
  '*accesskey*',
  '*signingkey*',
  '*encryptionkey*',
  'keyid',
  '*credential*',
  '*mnemonic*',
  '*seedphrase*',
  '*webhook*',
  '*smtp*',
  '*jwt*',
  'signature',
  '*connectionstring*',
  'dsn',
  '*email',
  '*emails',
  '*emailaddress*',
  '*prompt',
  '*prompts',
  'instructions',
]

/** Counts of a language model's tokens are no secrets: `totalTokens: 12`. */
const mayCount = /tokens|tokencount/

const longestCachedKey = 64
const maximumCachedKeys = 2_048

/** What a key tells about its value; of `counts`, that it is a secret unless it is made of numbers. */
export type KeyKind = 'plain' | 'secret' | 'counts'

/** Tells which keys hold secrets. Remembers what it was asked, up to a bound. */
export type KeyClassifier = (key: string) => KeyKind

/** A classifier of the default keys and these: compared without case, dashes, dots, blanks and underscores; `*` stands for anything. */
export function createKeyClassifier(keys: readonly string[] = []): KeyClassifier {
  const form = new RegExp(`^(?:${[...defaultKeys, ...keys].map(asPattern).join('|')})$`)
  const known = new Map<string, KeyKind>()
  const classify = (key: string): KeyKind => {
    const plain = normalized(key)
    if (!form.test(plain)) return 'plain'
    return mayCount.test(plain) ? 'counts' : 'secret'
  }
  return (key) => {
    const remembered = known.get(key)
    if (remembered !== undefined) return remembered
    const kind = classify(key)
    if (key.length <= longestCachedKey && known.size < maximumCachedKeys) known.set(key, kind)
    return kind
  }
}

function normalized(key: string): string {
  return key.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()
}

function asPattern(key: string): string {
  return key.split('*').map(normalized).join('.*')
}
