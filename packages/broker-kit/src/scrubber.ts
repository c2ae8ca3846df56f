/** Takes secrets out of a text. */
export type Scrubber = (text: string) => string

/** Whatever comes from elsewhere may show what it was sent: a proxy's error page, a server's echo. */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const all = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)])
  return (text) => all.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text)
}
