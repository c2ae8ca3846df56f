// How long an agent is away that was killed, every second one in the midst of a handler, and one that hung. Back it is when a
// new incarnation of it handles a message and finds the count that it keeps in its state as it was left.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, createSilentLogger, createSwarm, defineTopic } from '@tradeswarm/core'
import { createMemoryStorage } from '@tradeswarm/storage-memory'
import { z } from 'zod'
import { report } from '../measure.mjs'

const { kills, hangs, handlerTimeoutMs, swarmOptions = {} } = JSON.parse(process.argv[2])
const workBefore = 3
const hangEveryMs = 25
const pingEveryMs = 1
const giveUpAfterMs = 10_000

// Each agent falls once, for a supervisor gives up on one that falls too often, and has topics of its own, so that a fault of
// one makes no other work.
const work = z.object({ key: z.string(), sticks: z.boolean() })
const subjects = Array.from({ length: kills + hangs }, (_, index) => ({
  id: `counter-${index}`,
  Work: defineTopic(`work.w${index}`, { schema: work, delivery: 'durable', key: (item) => item.key }),
  Ping: defineTopic(`ping.p${index}`, { schema: z.object({}), delivery: 'ephemeral' }),
  incarnation: 0,
  /** Told of each thing that was handled. */
  listeners: new Set(),
  onPing: () => undefined,
  onStuck: () => undefined,
}))

class Counter extends Agent {
  static role = 'counter'
  static config = z.object({ index: z.int() })

  onStart() {
    const subject = subjects[this.config.index]
    subject.incarnation += 1
    const { incarnation } = subject
    this.subscribe(subject.Work, async ({ key, sticks }, context) => {
      if (sticks && incarnation === 1 && !subject.isStuck) {
        subject.isStuck = true
        subject.onStuck()
        await new Promise(() => undefined)
      }
      const count = (context.state.get('count') ?? 0) + 1
      context.state.set('count', count)
      for (const listener of subject.listeners) listener({ incarnation, key, count })
    })
    this.subscribe(subject.Ping, (_, context) => {
      subject.onPing({ incarnation, count: context.state.get('count') })
    })
  }
}

const swarm = createSwarm({
  agents: subjects.map(({ id }, index) => ({ agent: Counter, id, config: { index } })),
  storage: createMemoryStorage(),
  runtime: { logger: createSilentLogger() },
  handlerTimeoutMs,
  ...swarmOptions,
})
await swarm.start()
const killed = []
for (let index = 0; index < kills; index += 1) killed.push(await killOne(subjects[index], index % 2 === 1))
await Promise.all(killed.map(({ aftermath }) => aftermath()))
const hung = await Promise.all(
  subjects.slice(kills).map(async (subject, index) => {
    await sleep(index * hangEveryMs)
    return hangOne(subject)
  }),
)
await swarm.stop()
const backAfterKill = killed.map(({ backMs }) => backMs).toSorted((a, b) => a - b)
report({
  killP50Ms: backAfterKill[Math.ceil(kills * 0.5) - 1],
  killP99Ms: backAfterKill[Math.ceil(kills * 0.99) - 1],
  killLongestMs: backAfterKill.at(-1),
  hangShortestMs: Math.min(...hung.map(({ backMs }) => backMs)),
  hangLongestMs: Math.max(...hung.map(({ backMs }) => backMs)),
  redoneLongestMs: Math.max(...hung.map(({ redoneMs }) => redoneMs)),
  // False where a handler that hung was given up and its agent left as it was.
  hungAreRestarted: subjects.slice(kills).every(({ incarnation }) => incarnation > 1),
})

/**
 * Kills an agent and resolves to the milliseconds until it has handled a message that waited for it. What the kill cut short
 * may take longer: `aftermath` waits for it and checks the state once more.
 */
async function killOne(subject, inMidst) {
  await prepare(subject)
  if (inMidst) await stick(subject)
  const redone = inMidst ? handled(subject, ({ key }) => key === 'stuck') : undefined
  const back = handled(subject, ({ key }) => key === 'probe')
  const agent = swarm.agent(subject.id)
  const start = performance.now()
  // Resolves when it is journalled and the agent dropped.
  await agent.kill()
  const publishing = swarm.publish(subject.Work, { key: 'probe', sticks: false })
  const { incarnation, count } = await within(back, `${subject.id}, killed, to be back`)
  const backMs = performance.now() - start
  await publishing
  assert.equal(incarnation, 2, `${subject.id}: incarnation ${incarnation} handled a message after the kill`)
  assertCount(subject, count, inMidst ? [workBefore + 1, workBefore + 2] : [workBefore + 1])
  const aftermath = async () => {
    await within(redone, `${subject.id}, killed, to handle anew what it was at`)
    await assertEnd(subject, workBefore + (inMidst ? 2 : 1))
  }
  return { backMs, aftermath }
}

/** Lets a handler hang; resolves to the milliseconds until the agent is back, and until the message that hung is handled. */
async function hangOne(subject) {
  await prepare(subject)
  const redone = handled(subject, ({ key }) => key === 'stuck')
  const back = new Promise((resolve) => {
    subject.onPing = (ping) => {
      if (ping.incarnation > 1) resolve(ping)
    }
  })
  await stick(subject)
  const start = performance.now()
  const redoneAt = redone.then(() => performance.now())
  const pinging = setInterval(() => void swarm.publish(subject.Ping, {}), pingEveryMs)
  try {
    const { count } = await within(Promise.race([back, redone]), `${subject.id}, hung, to be back`)
    const backMs = performance.now() - start
    assertCount(subject, count, [workBefore, workBefore + 1])
    assert.ok(backMs > handlerTimeoutMs - 2, `${subject.id} was given up ${backMs} ms after it began`)
    clearInterval(pinging)
    const redoneMs = (await within(redoneAt, `${subject.id}, hung, to handle anew what it was at`)) - start
    await assertEnd(subject, workBefore + 1)
    return { backMs, redoneMs }
  } finally {
    clearInterval(pinging)
  }
}

async function prepare(subject) {
  for (let count = 1; count <= workBefore; count += 1) await doWork(subject, count)
}

/** One more message must find the state that all before it have left. */
async function assertEnd(subject, expected) {
  await doWork(subject, expected + 1)
}

async function doWork(subject, expected) {
  const done = handled(subject, ({ key }) => key === 'work')
  await swarm.publish(subject.Work, { key: 'work', sticks: false })
  const { count } = await within(done, `${subject.id} to work`)
  assertCount(subject, count, [expected])
  // Its transaction ends after its handler.
  await sleep(0)
}

async function stick(subject) {
  const stuck = new Promise((resolve) => {
    subject.onStuck = resolve
  })
  await swarm.publish(subject.Work, { key: 'stuck', sticks: true })
  await within(stuck, `${subject.id} to begin`)
}

/** Resolves to the next thing handled that is meant. */
function handled(subject, isMeant) {
  return new Promise((resolve) => {
    const listener = (done) => {
      if (!isMeant(done)) return
      subject.listeners.delete(listener)
      resolve(done)
    }
    subject.listeners.add(listener)
  })
}

function assertCount(subject, count, expected) {
  assert.ok(expected.includes(count), `${subject.id} found ${count} in its state, where ${expected} were handled`)
}

async function within(promise, what) {
  const giveUp = new AbortController()
  const late = sleep(giveUpAfterMs, undefined, { signal: giveUp.signal }).then(
    () => Promise.reject(new Error(`waited ${giveUpAfterMs} ms in vain for ${what}`)),
    () => undefined,
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    giveUp.abort()
  }
}
