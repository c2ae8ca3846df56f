import type { BacktestProgress } from '@tradeswarm/backtest'
import { expect, test } from 'vitest'
import type { Terminal } from '../terminal.js'
import { createProgress } from './progress.js'

function createScreen(isInteractive: boolean, told?: string[]) {
  const drawn: string[] = []
  let time = 1_000
  const refuse = (): never => {
    throw new Error('progress goes to draw only')
  }
  const terminal: Terminal = {
    clock: { now: () => time },
    isInteractive,
    workingDirectory: '/',
    print: refuse,
    complain: (line) => void (told ?? refuse()).push(line),
    draw: (text) => void drawn.push(text),
    onInterrupt: refuse,
  }
  return {
    drawn,
    terminal,
    pass(ms: number) {
      time += ms
    },
  }
}

const state = (done: number, rest: Partial<BacktestProgress> = {}): BacktestProgress => ({
  sessionDate: '2014-05-02',
  equity: 101_234.4,
  done,
  tally: new Map([
    ['signal.observed', 12_345],
    ['order.filled', 67],
  ]),
  ...rest,
})

test('one line shows how far it is, the virtual date, the equity and counts', () => {
  const { drawn, terminal } = createScreen(true)
  createProgress(terminal).update(state(0.5))
  expect(drawn).toHaveLength(1)
  expect(drawn[0]?.trimEnd()).toBe(
    `\r${'█'.repeat(8)}${'░'.repeat(8)}  50 %  2014-05-02  equity 101,234  12,345 signals  67 fills`,
  )
})

test('every line wipes the one before and fits 79 columns', () => {
  const { drawn, terminal, pass } = createScreen(true)
  const progress = createProgress(terminal)
  for (const equity of [1e12, undefined, 5]) {
    progress.update(state(2, { equity }))
    pass(1_000)
  }
  expect(drawn.map((text) => text.length)).toEqual([80, 80, 80])
  expect(drawn.every((text) => /^\r[^\r\n]*$/.test(text))).toBe(true)
  expect(drawn[0]).toContain('equity 1,000,000,000,000  12,345 signals ')
  expect(drawn[0]).not.toContain('f')
  expect(drawn[1]).toContain('100 %  2014-05-02  equity n/a')
})

test('it is not drawn oftener than a person can see', () => {
  const { drawn, terminal, pass } = createScreen(true)
  const progress = createProgress(terminal)
  for (let step = 0; step < 100; step += 1) {
    progress.update(state(step / 100))
    pass(10)
  }
  expect(drawn.length).toBeGreaterThan(8)
  expect(drawn.length).toBeLessThan(15)
})

test('it is wiped once at the end, and only if it was drawn', () => {
  const { drawn, terminal } = createScreen(true)
  const progress = createProgress(terminal)
  progress.end()
  expect(drawn).toEqual([])
  progress.update(state(1))
  progress.end()
  progress.end()
  expect(drawn.slice(1)).toEqual(['\r\u001b[K'])
})

test('a run in real time says a line now and then where nobody looks', () => {
  const told: string[] = []
  const { drawn, terminal, pass } = createScreen(false, told)
  const progress = createProgress(terminal, { lineEveryMs: 5_000 })
  for (let step = 0; step <= 11; step += 1) {
    progress.update(state(step / 20))
    pass(1_000)
  }
  progress.end()
  expect(drawn).toEqual([])
  expect(told).toEqual([
    ' 25 %  2014-05-02  equity 101,234  12,345 signals  67 fills',
    ' 50 %  2014-05-02  equity 101,234  12,345 signals  67 fills',
  ])
})

test('one of them is one', () => {
  const { drawn, terminal } = createScreen(true)
  createProgress(terminal).update(state(0.5, { tally: new Map([['order.filled', 1]]) }))
  expect(drawn[0]).toMatch(/ {2}0 signals {2}1 fill +$/)
})

test('nothing is drawn where nobody looks', () => {
  const { drawn, terminal } = createScreen(false)
  const progress = createProgress(terminal)
  progress.update(state(0.5))
  progress.end()
  expect(drawn).toEqual([])
})
