/**
 * The script of the report's page, as text: it draws the charts with uPlot and sorts tables. It reads the `chart-data`
 * element, whose shape is `ChartData`, and asks nothing of the world.
 */
export const pageScript = String.raw`
'use strict'
const data = JSON.parse(document.getElementById('chart-data').textContent)
const times = data.days.map((day) => day * 86400)
const inUtc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC')
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 })
const exact = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const currencySign = data.currency === 'USD' ? '$' : ''
const money = (value) => (value == null ? '–' : (value < 0 ? '−' : '') + currencySign + exact.format(Math.abs(value)))
const percent = (value) => (value == null ? '–' : exact.format(value).replace('-', '−') + '%')
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim()
const isVisible = (id) => { const box = document.getElementById(id); return box !== null && box.checked }
const group = uPlot.sync('run')
let charts = []

function line(label, color, value, options) {
  return { label, stroke: color, width: 2, value: (_, raw) => value(raw), points: { show: false }, ...options }
}

// For steps of a year, a month, a day, an hour: the text of a tick, and what comes below it when year, month or day begin.
const timeTexts = [
  [31536000, '{YYYY}', null, null, null, null, null, null, 1],
  [2419200, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [86400, '{D} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [1, '{HH}:{mm}', '\n{D} {MMM} {YYYY}', null, '\n{D} {MMM}', null, null, null, 1],
]

function axes(format) {
  const style = { stroke: token('muted'), font: '12px system-ui, sans-serif', grid: { stroke: token('grid'), width: 1 } }
  return [
    { ...style, ticks: { show: false }, space: 70, values: timeTexts },
    { ...style, ticks: { show: false }, size: 62, values: (_, splits) => splits.map(format) },
  ]
}

function base(element, height, format) {
  return {
    width: Math.max(240, element.clientWidth),
    height,
    tzDate: inUtc,
    padding: [12, 12, 0, 0],
    cursor: { sync: { key: 'run', scales: ['x', null] }, drag: { x: true, y: false, setScale: true }, points: { size: (chart, index) => (chart.series[index].scale === 'trades' ? 0 : 7) } },
    legend: { live: true, markers: { width: 0, fill: (chart, index) => chart.series[index].stroke(chart, index) } },
    axes: axes(format),
    hooks: { ready: [legendAtRest], setCursor: [legendAtRest] },
  }
}

// Away from the pointer the legend tells the end of what is in view.
function legendAtRest(chart) {
  if (chart.cursor.idx != null) return
  const last = chart.series[0].idxs[1]
  if (last != null) chart.setLegend({ idx: last }, false)
}

const day = { label: 'Date', value: (_, seconds) => (seconds == null ? '–' : new Date(seconds * 1000).toISOString().slice(0, 10)) }

// One mark for each session with trades: a triangle on the curve where positions were closed, up for a gain and down for
// a loss, and a tick at the bottom where some were opened.
function drawTrades(chart) {
  if (!isVisible('show-trades')) return
  const [first, last] = chart.series[0].idxs
  if (first == null || last == null) return
  const { ctx, bbox } = chart
  const scale = devicePixelRatio
  let count = 0
  for (let index = first; index <= last; index += 1) if (data.closed[index] > 0) count += 1
  const size = Math.max(3.5, Math.min(5.5, bbox.width / scale / Math.max(1, count) / 2.4)) * scale
  const colors = { gain: token('gain'), loss: token('loss'), muted: token('muted'), surface: token('surface') }
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  for (let index = first; index <= last; index += 1) {
    const x = chart.valToPos(times[index], 'x', true)
    if (data.opened[index] > 0) {
      ctx.fillStyle = colors.muted
      ctx.fillRect(x - scale / 2, bbox.top + bbox.height - 8 * scale, scale, 8 * scale)
    }
    if (data.closed[index] === 0) continue
    const isGain = data.closedResult[index] >= 0
    const direction = isGain ? -1 : 1
    const y = chart.valToPos(data.equity[index], 'y', true)
    ctx.beginPath()
    ctx.moveTo(x, y + direction * size)
    ctx.lineTo(x - size, y - direction * size * 0.8)
    ctx.lineTo(x + size, y - direction * size * 0.8)
    ctx.closePath()
    ctx.fillStyle = isGain ? colors.gain : colors.loss
    ctx.strokeStyle = colors.surface
    ctx.lineWidth = scale * 0.75
    ctx.fill()
    ctx.stroke()
  }
  ctx.restore()
}

function closedText(index) {
  if (index == null || data.closed[index] === 0) return '–'
  const result = data.closedResult[index]
  return data.closed[index] + ' for ' + (result > 0 ? '+' : '') + money(result)
}

const money0 = (value) => currencySign + compact.format(value)
const ofSwarm = (value) => line('Swarm', token('swarm'), value, { width: 2.25 })
const ofSameExposure = (value) => line('Same exposure', token('same'), value, { width: 1.5, dash: [6, 4] })

function equityChart(element) {
  const options = base(element, element.clientWidth < 600 ? 260 : 320, money0)
  const series = [day, line('Buy and hold', token('hold'), money, { width: 1.25 }), ofSameExposure(money), ofSwarm(money)]
  return new uPlot({ ...options, series }, [times, data.buyAndHold, data.sameExposure, data.equity], element)
}

function tradesChart(element) {
  const options = base(element, element.clientWidth < 600 ? 260 : 320, money0)
  const closed = {
    label: 'Trades closed', scale: 'trades', stroke: token('muted'), paths: () => null, points: { show: false },
    value: (_, __, ___, index) => closedText(index),
  }
  const hooks = { ...options.hooks, draw: [drawTrades] }
  const series = [day, ofSameExposure(money), ofSwarm(money), closed]
  return new uPlot({ ...options, series, hooks, scales: { trades: { range: [0, 1] } } }, [times, data.sameExposure, data.equity, data.closed], element)
}

function drawdownChart(element) {
  const options = base(element, 190, (value) => value + '%')
  const series = [day, ofSameExposure(percent), { ...ofSwarm(percent), fill: token('fill') }]
  const scales = { y: { range: (_, low) => [Math.min(low * 1.05, -1), 0] } }
  return new uPlot({ ...options, series, scales }, [times, data.sameExposureDrawdown, data.drawdown], element)
}

function exposureChart(element) {
  const options = base(element, 160, (value) => value + '%')
  const series = [day, line('Exposure', token('swarm'), percent, { width: 1.25, fill: token('fill'), paths: uPlot.paths.stepped({ align: 1 }) })]
  const scales = { y: { range: (_, low, high) => [Math.min(0, low), Math.max(high * 1.05, 10)] } }
  return new uPlot({ ...options, series, scales }, [times, data.exposure], element)
}

function drawAll() {
  for (const chart of charts) chart.destroy()
  charts = []
  for (const [name, draw] of [['equity', equityChart], ['trades', tradesChart], ['drawdown', drawdownChart], ['exposure', exposureChart]]) {
    const element = document.getElementById('chart-' + name)
    if (element !== null && times.length > 0) charts.push(draw(element))
  }
}

function showAll() {
  for (const chart of charts) chart.setScale('x', { min: times[0], max: times[times.length - 1] })
}

// Arrow keys move the cursor of all charts, + and − zoom around it.
function onKey(event) {
  const chart = charts.find((each) => event.currentTarget.contains(each.root))
  if (chart === undefined || event.ctrlKey || event.metaKey || event.altKey) return
  const [first, last] = chart.series[0].idxs
  const here = chart.cursor.idx == null ? last : chart.cursor.idx
  const step = event.shiftKey ? 20 : 1
  const moves = { ArrowLeft: here - step, ArrowRight: here + step, Home: first, End: last }
  if (event.key in moves) {
    const index = Math.max(first, Math.min(last, moves[event.key]))
    const left = chart.valToPos(times[index], 'x')
    for (const each of charts) each.setCursor({ left, top: each === chart ? 10 : -10 })
  } else if (event.key === '+' || event.key === '=') zoom(here, (last - first) / 4)
  else if (event.key === '-') zoom(here, last - first)
  else if (event.key === '0' || event.key === 'Escape') showAll()
  else return
  event.preventDefault()
}

function zoom(center, half) {
  const reach = Math.max(5, Math.round(half))
  const min = times[Math.max(0, center - reach)]
  const max = times[Math.min(times.length - 1, center + reach)]
  for (const chart of charts) chart.setScale('x', { min, max })
}

function sortBy(head) {
  const heads = [...head.parentElement.children]
  const column = heads.indexOf(head)
  const order = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending'
  for (const each of heads) each.setAttribute('aria-sort', each === head ? order : 'none')
  const body = head.closest('table').tBodies[0]
  const sign = order === 'ascending' ? 1 : -1
  const compare = (a, b) => {
    const [x, y] = [a.cells[column], b.cells[column]]
    if (x.dataset.sort !== undefined) return Number(x.dataset.sort) - Number(y.dataset.sort)
    return x.textContent < y.textContent ? -1 : x.textContent > y.textContent ? 1 : 0
  }
  body.append(...[...body.rows].sort((a, b) => sign * compare(a, b)))
}

for (const button of document.querySelectorAll('.sortable button')) button.addEventListener('click', () => sortBy(button.parentElement))
for (const element of document.querySelectorAll('.chart')) element.addEventListener('keydown', onKey)
document.getElementById('show-all')?.addEventListener('click', showAll)
document.getElementById('show-trades')?.addEventListener('change', () => { for (const chart of charts) chart.redraw(false) })
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll)
addEventListener('resize', () => {
  for (const chart of charts) chart.setSize({ width: Math.max(240, chart.root.parentElement.clientWidth), height: chart.height })
})
// Paper is light, whatever the screen is.
addEventListener('beforeprint', () => { document.documentElement.dataset.print = ''; drawAll() })
addEventListener('afterprint', () => { delete document.documentElement.dataset.print; drawAll() })
drawAll()
`.trim()
