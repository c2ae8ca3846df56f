/** Takes secrets out of a text. */
export type Scrubber = (text: string) => string

/** Whatever comes from elsewhere may show what it was sent: a proxy's error page, a server's echo. */
export function createScrubber(secrets: readonly string[]): Scrubber {
  // As they are, in a URL and in JSON; the longest first, or of one that holds another the rest would stay.
  const forms = (secret: string): string[] => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
  const all = [...new Set(secrets.flatMap(forms))].sort((a, b) => b.length - a.length)
  return (text) => all.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text)
}
