import { expect, test } from 'vitest'
import { expectedCoverage } from './coverage.js'
import { generateScenario, plainScenario } from './generate-scenario.js'
import { plantedActBugs } from './planted-act-bugs.test-support.js'
import { plantedBugs } from './planted-bugs.test-support.js'
import { plantedContractBugs } from './planted-contract-bugs.test-support.js'
import { plantedExitBugs } from './planted-exit-bugs.test-support.js'
import { plantedNewsBugs } from './planted-news-bugs.test-support.js'
import { runScenario } from './run-scenario.js'
import { examineSeed, simulate, simulateSeed } from './simulate.js'

test.each([1, 61, 121, 181, 241])('sixty seeds from %i on find nothing in the kernel', async (from) => {
  const { seeds, failures } = await simulate({ seeds: 60, from })
  expect({ seeds, failures }).toEqual({ seeds: 60, failures: [] })
})

test.each([
  [4787, 'a clock that stays further behind than the venue lets a request be late'],
  [5778, 'a market exit of which each session executes a part'],
  [6147, 'an entry after all was left and trading was resumed'],
  [6163, 'an entry that was executed in part while it is to get back what a cross did not take'],
  [3813, 'units that are bought in parts, each covered in time'],
  [20268846, 'an execution that nobody told of after our clock was minutes ahead for a while'],
  [20265204, 'an order of a group that never came to a venue which cannot tell that it will not'],
  [20261762, 'an execution put right twice, of which the first word was lost with a crash'],
  [20261389, 'an end of a freeze that the journal does not keep'],
  [20263228, 'a bust of what was left, that leaves a short'],
  [20311765, 'an agent that was to be resumed while the storage was full'],
  [20267230, 'a split of what was left over as less than a lot'],
  [20270148, 'two lost exits that a bust has made more than what is held'],
  [20270585, 'a lost exit whose cancel the venue refused after a restart, as it knew no such order'],
  [20263650, 'an entry on its way while a correction of what was left leaves a short'],
  [20269855, 'an entry beside less than a lot that was held when all was to be left'],
  [226, 'funding that a crash would lose'],
  [1215, 'funding that is heard after an execution'],
  [1559, 'a stop that is placed anew beside a lost target while the position is to be left'],
])('seed %i finds nothing, with %s', async (seed) => {
  expect((await simulateSeed(seed)).violation).toBeUndefined()
})

/** Played one after the other, these take as long as the machine is slow. */
const patienceMs = 600_000

test.each([...plantedBugs, ...plantedActBugs, ...plantedNewsBugs, ...plantedExitBugs, ...plantedContractBugs])(
  '$name is found within 2,000 seeds',
  async ({ subject, feature, foundBy }) => {
    let found: string | undefined
    for (let seed = 1; seed <= 2_000 && found === undefined; seed += 1)
      if (feature === undefined || generateScenario(seed).features.includes(feature))
        found = (await simulateSeed(seed, subject)).violation?.invariant
    expect(foundBy).toContain(found)
  },
  patienceMs,
)

test(
  'in five hundred seeds every act and every fault happens',
  async () => {
    const happened = new Set<string>()
    for (let seed = 1; seed <= 500; seed += 1) for (const what of (await simulateSeed(seed)).covered) happened.add(what)
    expect(Object.keys(expectedCoverage()).filter((what) => !happened.has(what))).toEqual([])
  },
  patienceMs,
)

test('a failing seed shrinks to a few steps, and fails in the same way each time', async () => {
  const bug = plantedBugs.find(({ name }) => name.includes('time-out'))
  const seeds = Array.from({ length: 200 }, (_, index) => index + 1)
  let failing: number | undefined
  for (const seed of seeds) {
    if (failing === undefined && (await simulateSeed(seed, bug?.subject)).violation !== undefined) failing = seed
  }
  const failure = await examineSeed(failing ?? 0, bug?.subject)
  const steps = failure?.trace.filter((line) => line.includes('step:')) ?? []
  expect(steps.length).toBeGreaterThan(0)
  expect(steps.length).toBeLessThanOrEqual(4)
  expect(await examineSeed(failing ?? 0, bug?.subject)).toEqual(failure)
})

test('a seed is one scenario, and a scenario goes one way', async () => {
  expect(generateScenario(7)).toEqual(generateScenario(7))
  expect(generateScenario(7)).not.toEqual(generateScenario(8))
  const logs = [1, 2].map(() => runScenario(generateScenario(7), {}, { log: true }))
  const [first, second] = await Promise.all(logs)
  expect(first).toEqual(second)
  expect(first?.log.length).toBeGreaterThan(20)
})

test('families of acts leave the world and the ordinary steps of a seed as they are, but for those that make room', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const [plain, widened] = [plainScenario(seed), generateScenario(seed)]
    if (widened.features.length === 0) expect(widened).toEqual(plain)
    else expect(widened.sessions).toBe(plain.sessions)
    expect(widened.deposits).toBe(plain.deposits)
  }
})

test.each([{ seeds: 0 }, { seeds: 1.5 }, { seeds: 1, from: -1 }, { seeds: 1, maximumFailures: 0 }])(
  'options that cannot be are refused: %o',
  async (options) => {
    await expect(simulate(options)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  },
)
