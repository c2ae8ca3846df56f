import { expect, test } from 'vitest'
import type { AgentView, SimulatedAgent } from './agent-desk.js'
import { subjectAsked, subjectDenied, subjectPermitted } from './coverage.js'
import { examineSeed, simulate, simulateSeed } from './simulate.js'

test('options and fields of a subject that there are not are refused', async () => {
  const agents = () => []
  await expect(simulate({ seeds: 1, seedz: 2, agents } as never)).rejects.toThrow('did you mean seeds?')
  await expect(simulate({ seeds: 1, agent: agents } as never)).rejects.toThrow('did you mean agents?')
  await expect(simulateSeed(1, { adaptr: () => undefined } as never)).rejects.toThrow('did you mean adapter?')
  await expect(simulateSeed(1, { venue: () => undefined } as never)).rejects.toThrow(
    'venue must have terms() and open()',
  )
  const venue = { name: 'none', terms: () => undefined, open: () => undefined }
  await expect(simulateSeed(1, { venue, adapter: () => undefined } as never)).rejects.toThrow('leave venue out')
  await expect(examineSeed(1, { agents: [] } as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
})

test('an agent that throws is a failure of the subject, at the first seed', async () => {
  const decide = (): never => {
    throw new Error('no idea')
  }
  const { failures } = await simulate({ seeds: 3, from: 11, agents: () => [{ name: 'broken', decide }] })
  expect(failures).toMatchObject([{ seed: 11, invariant: 'subject', message: 'agent broken threw: no idea' }])
  expect(failures[0]?.trace.at(-1)).toBe('the subject failed: agent broken threw: no idea')
})

test.each([
  [() => undefined, 'undefined'],
  [() => null, 'null'],
  [async () => [], 'a promise'],
  [() => Promise.reject(new Error('no idea')), 'a promise'],
  [() => 'buy', 'a string'],
  [() => ({}), 'an object that is no list'],
])('an agent whose decide returns no list is told what it must return: %s', async (decide, given) => {
  const { violation } = await simulateSeed(11, { agents: () => [{ name: 'bad', decide: decide as () => [] }] })
  expect(violation).toMatchObject({
    invariant: 'subject',
    message: `agent bad: decide returned ${given}; it must return a list of intents at once, [] for none, and must not be async`,
  })
})

test('an agent that goes on naming intents without an end is told so', async () => {
  const decide: SimulatedAgent['decide'] = function* ({ intent }: AgentView) {
    for (let count = 0; count < 5_000; count += 1) yield intent({ symbol: 'AAA', side: 'buy', quantity: 'NaN' })
  } as never
  const { violation } = await simulateSeed(11, { agents: () => [{ name: 'endless', decide }] })
  expect(violation).toMatchObject({
    invariant: 'subject',
    message: 'agent endless: decide returned more than 1000 intents at one price; does its list have an end?',
  })
})

test('a run tells whether anything that agents of the subject asked for was permitted', async () => {
  const askedFor = async (quantity: string): Promise<readonly string[]> => {
    const decide: SimulatedAgent['decide'] = ({ intent, prices }) =>
      [...prices].slice(0, 1).map(([symbol, price]) => {
        const exits = { stopPrice: (Number(price) * 0.9).toFixed(2), targetPrice: (Number(price) * 1.2).toFixed(2) }
        return intent({ symbol, side: 'buy', quantity, exits: { ...exits, maximumSessions: 5 } })
      })
    const { covered } = await simulateSeed(11, { agents: () => [{ name: 'buyer-1', decide }] })
    return covered.filter((what) => what.includes('subject'))
  }
  expect(await askedFor('1')).toEqual(expect.arrayContaining([subjectAsked, subjectPermitted]))
  expect(await askedFor('NaN')).toEqual([subjectAsked, `${subjectDenied}QUANTITY_PRECISION`])
  const { covered } = await simulateSeed(11, { agents: () => [{ name: 'idle', decide: () => [] }] })
  expect(covered).not.toContain(subjectAsked)
})
