import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maximumPostCharacters, normalisePost } from './normalise-post.js'

const post = (text: string, symbol = 'AAPL') => normalisePost({ id: '1', symbol, text, at: 1_400_000_000_000 })

describe('normalisePost', () => {
  it('decodes entities, once or twice encoded', () => {
    expect(post('AT&amp;T &lt; 35 &amp;gt; 30 &#36;T').text).toBe('AT&T < 35 > 30 $T')
  })

  it('folds compatibility forms and white space', () => {
    expect(post('ＢＵＹ\t\n  $AAPL　now').text).toBe('BUY $AAPL now')
  })

  it('strips control, bidi and zero-width characters and lone surrogates', () => {
    expect(post('b\u0000u\u200by \u202e$AAPL\u2066 \ud800now&#8203;').text).toBe('b uy $AAPL now')
  })

  it('keeps 4,000 characters and counts the rest', () => {
    const { text, truncatedCharacters } = post('📈'.repeat(maximumPostCharacters + 7))
    expect(Array.from(text)).toHaveLength(maximumPostCharacters)
    expect(truncatedCharacters).toBe(7)
    expect(post('a'.repeat(1_000_000)).truncatedCharacters).toBe(1_000_000 - maximumPostCharacters)
  })

  it('reads and strips retweet prefixes, nested ones too', () => {
    expect(post('RT @Jane_D: $AAPL up')).toMatchObject({ isRetweet: true, retweetOf: 'jane_d', text: '$AAPL up' })
    expect(post('RT @a: RT @b: $AAPL up')).toMatchObject({ isRetweet: true, retweetOf: 'b', text: '$AAPL up' })
    expect(post('RT is a word $AAPL').isRetweet).toBe(false)
  })

  it('finds cashtags but no dollar signs inside words or before amounts', () => {
    expect(post('$aapl, $BRK.B ($MSFT) $AAPL').cashtags).toEqual(['AAPL', 'BRK.B', 'MSFT'])
    expect(post('JU$T the BE$T, BĘ$T CJ$FB for $5B $100').cashtags).toEqual([])
  })

  it('gives a retweet that was cut at 140 characters the fingerprint of its original', () => {
    const original =
      '$WMT transitioning the president and chief executive out of the company, promotes another one to that post from his current role http://t.co/abc'
    const retweet = `${`RT @SomebodyWithLongNm: ${original}`.slice(0, 139)}…`
    expect(post(retweet).fingerprint).toBe(post(original).fingerprint)
  })

  it('ignores links, mentions and punctuation in the fingerprint, not words', () => {
    const { fingerprint } = post('Just bought 3,000 shares of $AAPL')
    expect(post('just bought 3,000 shares of $AAPL! http://t.co/xyz @friend').fingerprint).toBe(fingerprint)
    expect(post('Just bought 5,000 shares of $AAPL').fingerprint).not.toBe(fingerprint)
    expect(post('http://a.example').fingerprint).not.toBe(post('http://b.example').fingerprint)
  })

  it('gives clean bounded text for any input, and cleaning again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const once = post(text)
        expect(Array.from(once.text).length).toBeLessThanOrEqual(maximumPostCharacters)
        expect(once.text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]|\s\s|^\s|\s$/u)
        expect(once.fingerprint).toMatch(/^[0-9a-f]{32}$/)
      }),
    )
  })
})
