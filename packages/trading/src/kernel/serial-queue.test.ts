import { expect, test } from 'vitest'
import { createSerialQueue } from './serial-queue.js'

/** Takes a few turns of the event loop's microtasks, so that others could come between. */
async function slowly(log: string[], name: string): Promise<void> {
  log.push(`${name} begins`)
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  log.push(`${name} ends`)
}

test('tasks run one at a time, in the order in which they were asked for', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({ handle: () => undefined })
  await Promise.all(['a', 'b', 'c'].map((name) => queue.run(() => slowly(log, name))))
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

test('messages that come in during a task are handled right after it, before tasks that wait', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({ handle: (message) => slowly(log, message) })
  const first = queue.run(async () => {
    queue.post('message')
    await slowly(log, 'first')
  })
  const second = queue.run(() => slowly(log, 'second'))
  await Promise.all([first, second])
  expect(log).toEqual(['first begins', 'first ends', 'message begins', 'message ends', 'second begins', 'second ends'])
})

test('a task that fails rejects its own promise, and the queue goes on', async () => {
  const queue = createSerialQueue<string>({ handle: () => undefined })
  const failing = queue.run(() => {
    throw new Error('broken')
  })
  const next = queue.run(() => 'fine')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('fine')
})

test('what a task returns comes back', async () => {
  const queue = createSerialQueue<string>({ handle: () => undefined })
  expect(await queue.run(() => 7)).toBe(7)
})

test('a long queue is worked off in order, while more is asked for', async () => {
  const queue = createSerialQueue<string>({ handle: () => undefined })
  const wanted: number[] = []
  const done: number[] = []
  const asked: Promise<unknown>[] = []
  const ask = (task: number): void => {
    wanted.push(task)
    asked.push(
      queue.run(() => {
        done.push(task)
        if (task % 2 === 0 && task < 10_000) ask(task + 10_001)
      }),
    )
  }
  for (let task = 0; task < 6_000; task += 1) ask(task)
  for (let waited = 0; waited < asked.length; waited += 1) await asked[waited]
  expect(done).toHaveLength(9_000)
  expect(done).toEqual(wanted)
})

test('a task is done that is asked for after messages came by themselves', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({ handle: async (message) => void log.push(message) })
  queue.post('message')
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  await queue.run(() => log.push('task'))
  expect(log).toEqual(['message', 'task'])
})

test('a message that fails is told, and what comes after it is handled', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({
    handle: (message) => {
      if (message === 'at once') throw new Error(message)
      return message === 'later' ? Promise.reject(new Error(message)) : slowly(log, message)
    },
    failed: (message, thrown) => log.push(`${message}: ${String(thrown)}`),
    after: () => log.push('after'),
  })
  for (const message of ['at once', 'later', 'fine']) queue.post(message)
  await queue.run(() => log.push('task'))
  expect(log).toEqual([
    'at once: Error: at once',
    'after',
    'later: Error: later',
    'after',
    'fine begins',
    'fine ends',
    'after',
    'task',
    'after',
  ])
})

test('what follows a task is done before whoever asked for it hears of its end', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({ handle: () => undefined, after: () => log.push('after') })
  await queue.run(() => log.push('first')).then(() => log.push('heard'))
  await queue.run(async () => Promise.reject(new Error('second'))).catch(() => log.push('heard'))
  expect(log).toEqual(['first', 'after', 'heard', 'after', 'heard'])
})

/** A task that joins others: its first part at once, its rest slowly. */
function joining(log: string[], name: string) {
  return () => {
    log.push(`${name} joins`)
    return { rest: () => slowly(log, name) }
  }
}

test('tasks that join are under way together, and a task of another kind waits for all of them', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({ handle: () => undefined })
  const asked = [queue.join(joining(log, 'a')), queue.join(joining(log, 'b'))]
  const alone = queue.run(() => void log.push('alone'))
  const late = queue.join(joining(log, 'late'))
  await Promise.all([...asked, alone, late])
  expect(log.slice(0, 4)).toEqual(['a joins', 'a begins', 'b joins', 'b begins'])
  expect(log.slice(4, 6).sort()).toEqual(['a ends', 'b ends'])
  expect(log.slice(6)).toEqual(['alone', 'late joins', 'late begins', 'late ends'])
})

test('nothing joins once a message has come: that is handled first, after all that has begun', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({ handle: (message) => void log.push(message) })
  const first = queue.join(joining(log, 'first'))
  queue.post('message')
  const second = queue.join(joining(log, 'second'))
  await Promise.all([first, second])
  expect(log).toEqual([
    'first joins',
    'first begins',
    'first ends',
    'message',
    'second joins',
    'second begins',
    'second ends',
  ])
})

test('a task that has to be run by itself is run when those that have begun have ended, before what came later', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({ handle: () => undefined })
  const first = queue.join(joining(log, 'first'))
  const alone = queue.join(() => ({ alone: () => slowly(log, 'alone') }))
  const later = queue.join(joining(log, 'later'))
  await Promise.all([first, alone, later])
  expect(log).toEqual([
    'first joins',
    'first begins',
    'first ends',
    'alone begins',
    'alone ends',
    'later joins',
    'later begins',
    'later ends',
  ])
})

test('a first part, a rest, or a task by itself that fails rejects its own promise, and the others go on', async () => {
  const queue = createSerialQueue<string>({ handle: () => undefined })
  const broken = (): never => {
    throw new Error('broken')
  }
  const failing = [
    queue.join(broken),
    queue.join(() => ({ rest: broken })),
    queue.join(() => ({ rest: async () => broken() })),
    queue.join(() => ({ alone: broken })),
  ]
  const fine = queue.join(() => ({ value: 'fine' }))
  expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(failing.map(() => 'rejected'))
  expect(await fine).toBe('fine')
  expect(await queue.run(() => 'after')).toBe('after')
})

test('what a first part asks for waits until that has ended', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({ handle: () => undefined })
  let inner: Promise<unknown> | undefined
  await queue.join(() => ({ rest: () => slowly(log, 'under way') })).then(() => undefined)
  const outer = queue.join(() => {
    inner = queue.join(joining(log, 'inner'))
    log.push('outer')
    return { rest: () => slowly(log, 'outer') }
  })
  await outer
  await inner
  expect(log.indexOf('outer')).toBeLessThan(log.indexOf('inner joins'))
})

test('what an idle queue begins is answered by the order of events: done, followed up, and then what came in meanwhile', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({
    handle: (message) => slowly(log, message),
    after: () => log.push('after'),
  })
  const answer = queue.join(() => {
    queue.post('message')
    void queue.run(() => log.push('task'))
    log.push('first part')
    return { value: 7 }
  })
  expect(log.slice(0, 3)).toEqual(['first part', 'after', 'message begins'])
  expect(await answer).toBe(7)
  await queue.run(() => undefined)
  expect(log.slice(2)).toEqual(['message begins', 'message ends', 'after', 'task', 'after', 'after'])
  log.length = 0
  const failing = queue.join(() => {
    throw new Error('broken')
  })
  expect(log).toEqual(['after'])
  await expect(failing).rejects.toThrow('broken')
  expect(await queue.join(() => ({ value: 'fine' }))).toBe('fine')
})

test('what an idle queue runs is done within the call, and what it asks for comes after it, messages first', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({
    handle: (message) => slowly(log, message),
    after: () => log.push('after'),
  })
  const answer = queue.run(() => {
    void queue.run(() => log.push('inner'))
    queue.post('message')
    log.push('outer')
    return 7
  })
  expect(log.slice(0, 3)).toEqual(['outer', 'after', 'message begins'])
  expect(await answer).toBe(7)
  await queue.run(() => undefined)
  expect(log.slice(2)).toEqual(['message begins', 'message ends', 'after', 'inner', 'after', 'after'])
})

test('what an idle queue runs and has to wait for holds up the others, whatever comes of it', async () => {
  const log: string[] = []
  const queue = createSerialQueue<string>({ handle: (message) => slowly(log, message) })
  const failing = queue.run(async () => {
    await slowly(log, 'failing')
    throw new Error('broken')
  })
  queue.post('message')
  const next = queue.run(() => log.push('next'))
  await expect(failing).rejects.toThrow('broken')
  await next
  expect(log).toEqual(['failing begins', 'failing ends', 'message begins', 'message ends', 'next'])
})
