import { operatorActLeftUndone, type Storage } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { readOperatorActs } from './operator-acts.js'

/** A storage whose journal holds these acts. */
function journalOf(acts: readonly object[]): Storage {
  const entries = acts.map((act, index) => ({
    id: `operator-${index + 1}`,
    sequence: index + 1,
    text: JSON.stringify(act),
  }))
  const read = async function* () {
    yield* entries
  }
  return { journal: { read } } as unknown as Storage
}

test('an act whose record came into the journal after it was refused is not done again', async () => {
  const pause = { act: 'pause', agent: 'analyst' }
  const acts = await readOperatorActs(journalOf([pause, pause, { act: operatorActLeftUndone, of: 'operator-1' }]))
  expect(acts).toEqual([{ sequence: 2, act: pause }])
})

test('an act that nobody knows makes the run unreadable', async () => {
  await expect(readOperatorActs(journalOf([{ act: 'left', of: 'operator-1' }]))).rejects.toMatchObject({
    code: 'RUN_UNREADABLE',
  })
})
