// Draws docs/images/model-bill.svg: what each way of asking is billed for the posts of the bundled tape. It needs nothing but the built packages;
// run it again whenever the figures of `npm run bench -- llm` have changed.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { measure } from '../measure.mjs'

const [anHour, aDay] = [3_600_000, 86_400_000]
const ways = [
  ['direct', anHour, 'a call for each post'],
  ['documented', anHour, 'the AI SDK’s documented cache'],
  ['flight', anHour, 'single-flight alone'],
  ['cache', anHour, 'exact cache alone'],
  ['batch', anHour, 'batches of six, of an hour'],
  ['batch', aDay, 'batches of six, of a day'],
  ['all', aDay, 'all together, of a day'],
]
const figures = []
for (const [way, waitMs, label] of ways) {
  const parameters = { tape: null, way, waitMs }
  const { posts, calls, input, output, decisions } = await measure({ program: 'llm/tokens.mjs', parameters })
  figures.push({ way, label, posts, calls, input, output, tokens: input + output, decisions })
}
// Within one window and the next the order of decisions is the same: that of the posts.
if (new Set(figures.map(({ decisions }) => decisions)).size !== 1)
  throw new Error('the ways came to different decisions')
const [direct] = figures
const path = join(import.meta.dirname, '..', '..', 'docs', 'images', 'model-bill.svg')
writeFileSync(path, pictureOf(figures))
for (const { label, calls, tokens } of figures) console.log(`${label}: ${calls} calls, ${tokens} tokens`)

function pictureOf(rows) {
  const [left, top, barWidth, rowHeight] = [260, 96, 430, 46]
  const height = top + rows.length * rowHeight + 56
  const scale = barWidth / direct.tokens
  const bars = rows.map(({ way, label, calls, input, output, tokens }, index) => {
    const y = top + index * rowHeight
    const [inputWidth, outputWidth] = [input * scale, output * scale]
    const saved = Math.round(100 * (1 - tokens / direct.tokens))
    const what =
      way === 'direct' ? millions(tokens) : `${millions(tokens)}, ${saved === 0 ? 'the same' : `${saved} % fewer`}`
    return `  <text x="${left - 12}" y="${y + 15}" text-anchor="end" class="label${way === 'all' ? ' best' : ''}">${label}</text>
  <text x="${left - 12}" y="${y + 30}" text-anchor="end" class="small">${calls.toLocaleString('en-US')} calls</text>
  <rect x="${left}" y="${y}" width="${inputWidth.toFixed(1)}" height="28" class="input"/>
  <rect x="${(left + inputWidth).toFixed(1)}" y="${y}" width="${outputWidth.toFixed(1)}" height="28" class="output"/>
  <text x="${(left + inputWidth + outputWidth + 10).toFixed(1)}" y="${y + 19}" class="label${way === 'all' ? ' best' : ''}">${what}</text>`
  })
  const end = top + rows.length * rowHeight
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 ${height}" width="900" height="${height}" role="img" aria-labelledby="title">
  <title id="title">Tokens billed for ${direct.posts.toLocaleString('en-US')} posts, by the way of asking</title>
  <style>
    text { font-family: ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2933; }
    .heading { font-size: 20px; font-weight: 600; }
    .label { font-size: 14px; }
    .best { font-weight: 600; }
    .small { font-size: 11px; fill: #616e7c; }
    .input { fill: #2b6cb0; }
    .output { fill: #90cdf4; }
  </style>
  <rect width="900" height="${height}" fill="#ffffff"/>
  <text x="24" y="38" class="heading">What a model bills for ${direct.posts.toLocaleString('en-US')} posts, each read by one task</text>
  <rect x="24" y="56" width="12" height="12" class="input"/><text x="42" y="66" class="small">tokens in</text>
  <rect x="112" y="56" width="12" height="12" class="output"/><text x="130" y="66" class="small">tokens out</text>
  <text x="206" y="66" class="small">every way came to the same decisions</text>
${bars.join('\n')}
  <text x="24" y="${end + 24}" class="small">The bundled tape; one token for each four bytes of prompt, schema and answer. The swarm decides once a session, so a post may wait for a day.</text>
</svg>
`
}

function millions(tokens) {
  return tokens >= 1e6 ? `${(tokens / 1e6).toFixed(2)} M` : `${Math.round(tokens / 1e3)} k`
}
