import { APICallError } from '@ai-sdk/provider'
import {
  createSequentialIds,
  createSilentLogger,
  type JournalEntry,
  modelCallKind,
  type RecordedRun,
  type ServiceHost,
  SwarmError,
  sha256Hex,
} from '@tradeswarm/core'
import { describe, expect, test } from 'vitest'
import { callContext } from '../call-context.js'
import {
  answerOf,
  partsIn,
  partsOf,
  promptOf,
  scriptedModel,
  streamOf,
} from '../testing-support/scripted-model.test-support.js'
import { createModelRecorder } from './model-recorder.js'

type World = { readonly entries: JournalEntry[]; readonly blobs: Map<string, string> }

const newWorld = (): World => ({ entries: [], blobs: new Map() })

/** Timers that the test fires. */
function handClock() {
  const timers = new Set<() => void>()
  return {
    timers,
    now: () => 0,
    at(_: number, callback: () => void | Promise<void>) {
      const timer = () => void callback()
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    fire() {
      const due = [...timers]
      timers.clear()
      for (const timer of due) timer()
    },
  }
}

/** What a swarm lends to a service, over lists; with `recorded` a run that runs again. */
function hostOf({ entries, blobs }: World, recorded?: RecordedRun): ServiceHost {
  const ids = createSequentialIds()
  return {
    clock: { now: () => 5, at: () => () => undefined },
    ids,
    logger: createSilentLogger(),
    append: ({ id, kind, time, payload }) =>
      void entries.push({ id, kind, time, text: JSON.stringify(payload), sequence: entries.length + 1, hash: '' }),
    putBlob(text) {
      blobs.set(sha256Hex(text), text)
      return sha256Hex(text)
    },
    readBlob: async (hash) => blobs.get(hash),
    ...(recorded === undefined ? {} : { recorded }),
  } as Partial<ServiceHost> as ServiceHost
}

function again({ entries }: World, goesOn = false): RecordedRun {
  const then = [...entries]
  return {
    goesOn,
    async *entries(kind) {
      for (const entry of then) if (entry.kind === kind) yield entry
    },
  }
}

async function recording(world = newWorld()) {
  const recorder = createModelRecorder()
  await recorder.service.start(hostOf(world))
  return { world, recorder }
}

async function repeating(world: World, options: { goesOn?: boolean } = {}) {
  const clock = handClock()
  const recorder = createModelRecorder({ clock })
  const now: World = { entries: [], blobs: world.blobs }
  await recorder.service.start(hostOf(now, again(world, options.goesOn)))
  return { recorder, clock, now }
}

const asked = (text: string, agent = 'a') => ({ prompt: promptOf(text), providerOptions: callContext({ agent }) })
const name = { provider: 'scripted', modelId: 'm-1' }

describe('a recorder', () => {
  test('gives what it will give again, without bodies, headers and secrets', async () => {
    const { world, recorder } = await recording()
    const model = recorder.record(scriptedModel({}))
    const live = await model.doGenerate({ ...asked('x'), headers: { authorization: 'Bearer canary' } })
    const stream = await partsIn((await model.doStream(asked('y'))).stream)
    expect(live.request).toBeUndefined()
    expect(live.response).toEqual({ id: 'provider-1', timestamp: new Date(1_000), modelId: 'm-1' })
    expect(JSON.stringify([...world.blobs.values(), ...world.entries])).not.toContain('canary')
    expect(world.entries.map(({ kind }) => kind)).toEqual([modelCallKind, modelCallKind])

    const { recorder: replaying, now, clock } = await repeating(world)
    const replayed = replaying.record(name)
    expect(await replayed.doGenerate(asked('x'))).toEqual(live)
    expect(await partsIn((await replayed.doStream(asked('y'))).stream)).toEqual(stream)
    expect(now.entries).toEqual(world.entries)
    expect(clock.timers.size).toBe(0)
  })

  test('gives failures again, of their kind: whole, in the middle of a stream and as a part of one', async () => {
    const refused = new APICallError({ message: 'no', url: 'u', requestBodyValues: { key: 'sk' }, statusCode: 400 })
    const budget = new SwarmError({ code: 'BUDGET_EXCEEDED', message: 'spent' })
    const parts = partsOf('yes')
    const failures: Error[] = [refused, budget, new Error('socket')]
    const { world, recorder } = await recording()
    const model = recorder.record(
      scriptedModel({
        generate: () => Promise.reject(failures.shift() ?? new Error('no more')),
        stream: ({ prompt }) =>
          JSON.stringify(prompt).includes('part')
            ? streamOf([...parts.slice(0, 3), { type: 'error', error: budget }])
            : new ReadableStream({
                start(controller) {
                  for (const part of parts.slice(0, 3)) controller.enqueue(part)
                },
                pull: (controller) => controller.error(new Error('cut')),
              }),
      }),
    )
    const read = async (target: typeof model) => {
      const seen: unknown[] = []
      for (let call = 0; call < 3; call += 1)
        seen.push(await target.doGenerate(asked(`${call}`)).then(() => 'answer', describeError))
      seen.push(await partsIn((await target.doStream(asked('cut'))).stream).then(() => 'whole', describeError))
      const last = (await partsIn((await target.doStream(asked('part'))).stream)).at(-1)
      return [...seen, last?.type === 'error' ? describeError(last.error) : last]
    }
    const live = await read(model)
    expect(live).toEqual([
      'AI_APICallError no 400',
      'SwarmError spent BUDGET_EXCEEDED',
      'Error socket',
      'Error cut',
      'SwarmError spent BUDGET_EXCEEDED',
    ])
    const { recorder: replaying, now } = await repeating(world)
    expect(await read(replaying.record(name))).toEqual(live)
    expect(now.entries).toEqual(world.entries)
  })

  test('a stream that was read in part is given in part', async () => {
    const { world, recorder } = await recording()
    const read = async (model: ReturnType<typeof recorder.record>, count: number) => {
      const reader = (await model.doStream(asked('x'))).stream.getReader()
      const seen = []
      for (let part = 0; part < count; part += 1) seen.push((await reader.read()).value)
      await reader.cancel()
      return seen
    }
    const live = await read(recorder.record(scriptedModel({})), 3)
    const replay = await repeating(world)
    expect(await read(replay.recorder.record(name), 3)).toEqual(live)
    expect(replay.now.entries).toEqual(world.entries)
    const further = await repeating(world)
    await expect(read(further.recorder.record(name), 4)).rejects.toThrow(/read no further than 3 parts/)
  })

  test('each agent has a count of its own, and answers end in the order of then', async () => {
    const { world, recorder } = await recording()
    const gates = new Map(['slow', 'quick'].map((key) => [key, Promise.withResolvers<void>()]))
    const model = recorder.record(
      scriptedModel({
        generate: async ({ prompt }) => {
          const key = JSON.stringify(prompt).includes('slow') ? 'slow' : 'quick'
          await gates.get(key)?.promise
          return answerOf(key)
        },
      }),
    )
    const order = async (target: typeof model, settle: () => void) => {
      const heard: string[] = []
      const calls = ['slow', 'quick'].map((key) => target.doGenerate(asked(key, key)).then(() => void heard.push(key)))
      settle()
      await Promise.all(calls)
      return heard
    }
    const live = await order(model, () => {
      gates.get('quick')?.resolve()
      void Promise.resolve().then(async () => {
        for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
        gates.get('slow')?.resolve()
      })
    })
    expect(live).toEqual(['quick', 'slow'])
    const { recorder: replaying } = await repeating(world)
    expect(await order(replaying.record(name), () => undefined)).toEqual(live)
  })

  test('a call of then that is not made now is named, and nothing waits for ever', async () => {
    const { world, recorder } = await recording()
    const model = recorder.record(scriptedModel({}))
    await model.doGenerate(asked('one', 'first'))
    await model.doGenerate(asked('two', 'second'))
    const { recorder: replaying, clock, now } = await repeating(world)
    const call = replaying.record(name).doGenerate(asked('two', 'second'))
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)))
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
    clock.fire()
    await expect(call).rejects.toThrow(/call 1 of second .* waits for call 1 of first .* not made now/)
    expect(now.entries.at(-1)?.text).toContain('not made now')
    // What comes after it is not answered either.
    await expect(replaying.record(name).doGenerate(asked('one', 'first'))).rejects.toMatchObject({
      code: 'MODEL_REPLAY_DIVERGED',
    })
  })

  test('what is not in the record is refused by a replay, and asked where the run goes on', async () => {
    const { world, recorder } = await recording()
    await recorder.record(scriptedModel({})).doGenerate(asked('one'))
    const ended = await repeating(world)
    const model = scriptedModel({})
    await ended.recorder.record(model).doGenerate(asked('one'))
    await expect(ended.recorder.record(model).doGenerate(asked('two'))).rejects.toThrow(
      /call 2 of a .* not in the record/,
    )
    const goingOn = await repeating(world, { goesOn: true })
    await goingOn.recorder.record(model).doGenerate(asked('one'))
    expect(model.calls).toHaveLength(0)
    await goingOn.recorder.record(model).doGenerate(asked('two'))
    expect(model.calls).toHaveLength(1)
    await expect(goingOn.recorder.record(name).doGenerate(asked('three'))).rejects.toMatchObject({
      code: 'MODEL_CALL_NOT_RECORDED',
    })
  })

  test.each([
    [
      'a text',
      { prompt: promptOf('one, and some more') },
      /prompt\.0\.content\.0\.text was "one" and is now "one, and some more"/,
    ],
    ['an option', { prompt: promptOf('one'), temperature: 1 }, /temperature was nothing and is now 1/],
  ])('another call is told by its difference: %s', async (_, call, message) => {
    const { world, recorder } = await recording()
    await recorder.record(scriptedModel({})).doGenerate({ prompt: promptOf('one') })
    const { recorder: replaying } = await repeating(world)
    await expect(replaying.record(name).doGenerate(call)).rejects.toThrow(message)
  })

  test('an answer that was altered is not given', async () => {
    const { world, recorder } = await recording()
    await recorder.record(scriptedModel({})).doGenerate(asked('x'))
    for (const [hash, text] of world.blobs) world.blobs.set(hash, text.replace('yes', 'no'))
    const { recorder: replaying } = await repeating(world)
    await expect(replaying.record(name).doGenerate(asked('x'))).rejects.toThrow(/was altered/)
  })

  test('what ends after its swarm has stopped is not written', async () => {
    const { world, recorder } = await recording()
    const late = Promise.withResolvers<void>()
    const model = recorder.record(scriptedModel({ generate: () => late.promise.then(() => answerOf('late')) }))
    const answer = model.doGenerate(asked('x'))
    await recorder.service.stop()
    late.resolve()
    await expect(answer).rejects.toThrow(/after its swarm had stopped/)
    expect(world.entries).toEqual([])
  })

  test('serves one swarm at a time, and none that has not started', async () => {
    const { recorder } = await recording()
    const model = recorder.record(scriptedModel({}))
    await expect(recorder.service.start(hostOf(newWorld()))).rejects.toMatchObject({ code: 'MODEL_RECORDER_IN_USE' })
    await recorder.service.stop()
    await expect(model.doGenerate(asked('x'))).rejects.toMatchObject({ code: 'MODEL_RECORDER_NOT_STARTED' })
    await recorder.service.start(hostOf(newWorld()))
    await model.doGenerate(asked('x'))
    expect(() => createModelRecorder({ patienceMs: 0 })).toThrow(/patienceMs is 0/)
    expect(() => recorder.record('gpt-5-mini' as never)).toThrow(/needs a model object/)
  })
})

function describeError(error: unknown): string {
  const { name: kind, message } = error as Error
  const more = APICallError.isInstance(error) ? error.statusCode : SwarmError.isInstance(error) ? error.code : ''
  return `${kind} ${message} ${more}`.trim()
}
