import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tapeFromInputs } from '@tradeswarm/backtest'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildSmallRunProgram, runChild } from './child-run.test-support.js'
import { runSmall } from './small-run.test-support.js'
import { smallInputs } from './small-tape.test-support.js'

describe('I30 same seed, configuration and data', () => {
  let folder: string
  let hash: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tradeswarm-determinism-'))
    const result = await runSmall()
    expect(result).toMatchObject({ status: 'completed', lastSession: smallInputs.tradeTo })
    hash = result.journalHash
  })

  afterAll(() => rm(folder, { recursive: true }))

  test('I30 give the same journal hash again in the same process', async () => {
    expect((await runSmall()).journalHash).toBe(hash)
  })

  test('I30 give the same journal hash in SQLite as in memory', async () => {
    expect((await runSmall({ storage: createSqliteStorage(join(folder, 'run.db')) })).journalHash).toBe(hash)
  })

  test('I30 give the same journal hash in another process', async () => {
    const { lines, code } = await runChild(await buildSmallRunProgram(folder), '')
    expect(code).toBe(0)
    expect(lines.at(-1)).toBe(`completed ${hash}`)
  })

  test('I30 give the same journal hash whatever the tape is called and wherever it came from', async () => {
    const tape = {
      ...tapeFromInputs(smallInputs),
      name: 'another folder',
      form: 'stocknet' as const,
      labels: ['a note'],
    }
    expect((await runSmall({ tape })).journalHash).toBe(hash)
  })

  const [firstPost] = smallInputs.posts
  if (firstPost === undefined) throw new Error('the small tape has no posts')
  test.each([
    ['seed', { seed: 43 }],
    ['fee', { feeBasisPoints: '6' }],
    ['slippage', { slippageBasisPoints: '4' }],
    ['start capital', { cash: { USD: '100001' } }],
    ['policy', { swarm: { policy: { maxOpenPositions: 3 } } }],
    ['agent option', { swarm: { config: { learning: { everyOutcomes: 4 } } } }],
    [
      'text of one post',
      {
        tape: tapeFromInputs({
          ...smallInputs,
          posts: [{ ...firstPost, text: `${firstPost.text} indeed` }, ...smallInputs.posts.slice(1)],
        }),
      },
    ],
  ])('another %s gives another journal hash', async (_, change) => {
    expect((await runSmall(change)).journalHash).not.toBe(hash)
  })
})
