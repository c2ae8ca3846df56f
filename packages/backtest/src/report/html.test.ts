import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeHtml, html, trusted } from './html.js'

test('texts are escaped, markup is not, lists are joined', () => {
  expect(html`<p title="${'"'}">${'<b>'}${html`<i>${"'&"}</i>`}${[1, 'a>', trusted('<br>')]}</p>`.markup).toBe(
    '<p title="&quot;">&lt;b&gt;<i>&#39;&amp;</i>1a&gt;<br></p>',
  )
})

test('no text can leave its place', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const escaped = escapeHtml(text)
      expect(escaped).not.toMatch(/[<>"']/)
      const back = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" } as const
      expect(escaped.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: keyof typeof back) => back[name])).toBe(text)
    }),
  )
})

test('an object that only looks like markup is refused', () => {
  const forged = JSON.parse('{"markup":"<script>"}') as string
  expect(() => html`${forged}`).toThrow()
})
