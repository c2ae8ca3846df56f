import { createJsonLogger } from '@tradeswarm/core'
import { defineSignalSource, type SourceItem } from '@tradeswarm/signals'
import { expect, test } from 'vitest'
import { messagesOf } from './recorded-journal.test-support.js'
import { recordSmallRun } from './small-run.test-support.js'

type Poll = { readonly since: number | undefined; readonly now: number }
type Line = { readonly level: string; readonly message: string } & Readonly<Record<string, unknown>>

/** A run with a source of the test's own beside the tape's, polled once a day; with what was received of it and what was logged. */
async function runWithSource(answer: (poll: Poll, count: number) => unknown) {
  const polls: Poll[] = []
  const lines: Line[] = []
  const source = defineSignalSource({
    name: 'shaky',
    every: 86_400_000,
    async poll({ since, now }) {
      polls.push({ since, now })
      return answer({ since, now }, polls.length) as SourceItem[]
    },
  })
  const run = await recordSmallRun({
    sources: [source],
    logger: createJsonLogger({ clock: { now: () => 0 }, write: (line) => void lines.push(JSON.parse(line) as Line) }),
  })
  const received = messagesOf<{ source: string; id: string }>(run.entries, 'post.received')
    .map(({ payload }) => payload)
    .filter((post) => post.source === 'shaky')
  return { polls, received, lines: lines.filter((line) => line.source === 'shaky'), run }
}

const postAt = (at: number, fields: object = {}) => ({
  id: `post-${at}`,
  symbol: 'AAA',
  text: '$AAA buyers',
  at,
  ...fields,
})

test('a bad item blocks nothing: the good ones around it are taken, each once, and the source goes on', async () => {
  const secret = 'words that belong in no log'
  const { polls, received, lines, run } = await runWithSource(({ now }) => [
    postAt(now - 1),
    postAt(now, { id: 7, text: secret }),
    postAt(now),
  ])
  expect(run.result.status).toBe('completed')
  expect(polls.length).toBeGreaterThan(100)
  expect(received.map(({ id }) => id)).toEqual(polls.flatMap(({ now }) => [`post-${now - 1}`, `post-${now}`]))
  expect(polls.slice(1).map(({ since }) => since)).toEqual(polls.slice(0, -1).map(({ now }) => now))
  expect(lines).toHaveLength(polls.length)
  expect(lines[0]).toMatchObject({ level: 'warn', rejected: 1, first: [{ index: 1, fields: ['id'] }] })
  expect(JSON.stringify(lines)).not.toContain(secret)
})

test('a poll that throws, or gives no list, is asked again from the same time on', async () => {
  const { polls, received, lines } = await runWithSource(({ since, now }, count) => {
    if (count === 3) throw new Error('the feed is down')
    return count === 4 ? { posts: [] } : [postAt(since ?? now)]
  })
  const [, second, third, fourth, fifth, sixth] = polls
  expect([third, fourth, fifth].map((poll) => poll?.since)).toEqual([second?.now, second?.now, second?.now])
  expect(sixth?.since).toBe(fifth?.now)
  expect(received).toHaveLength(polls.length - 2)
  expect(lines.map(({ message, error }) => [message, error])).toEqual([
    ['a source could not be polled', 'the feed is down'],
    ['a source could not be polled', expect.stringContaining('did not resolve to a list')],
  ])
})

test('a poll that brings too much is cut, and said to be', async () => {
  const { polls, received, lines } = await runWithSource(({ now }, count) =>
    count > 1 ? [] : Array.from({ length: 10_005 }, (_, index) => postAt(now, { id: String(index) })),
  )
  expect(polls.length).toBeGreaterThan(2)
  expect(received).toHaveLength(10_000)
  expect(lines).toMatchObject([{ level: 'warn', dropped: 5, maximumItemsPerPoll: 10_000 }])
})
