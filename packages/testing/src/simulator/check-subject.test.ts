import { expect, test } from 'vitest'
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
