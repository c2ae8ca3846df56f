import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStorageDouble } from '../testing-support/storage-double.test-support.js'
import { type DocumentOptions, defineDocument, documentRules } from './define-document.js'
import { mergeConflict } from './merge-conflict.js'
import { createStateStore, type StateStore } from './state-store.js'
import { type AgentState, beginStateTransaction, type StateTransaction } from './transaction.js'

const key = 'document'
const agent = 'a'
const history = 3
const lowest = Number.NEGATIVE_INFINITY
const live = (): void => undefined

/** One step of a handler, as a number that each strategy reads in its own way. */
type Step =
  | { readonly kind: 'write'; readonly handler: number; readonly value: number }
  | { readonly kind: 'commit'; readonly handler: number }
  | { readonly kind: 'clock'; readonly by: number }
  | { readonly kind: 'save' }

const handlers = fc.nat({ max: 3 })
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        handler: handlers,
        value: fc.integer({ min: -3, max: 4 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const), handler: handlers }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock' as const), by: fc.integer({ min: -50, max: 50 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('save' as const) }) },
  ),
  { maxLength: 60 },
)

/** A handler that has begun: what it has done so far, and what the model says that it saw. */
type Open<Value> = {
  readonly writes: number[]
  readonly base: Value | undefined
  state: StateTransaction
  mine: Value | undefined
  lastWrite: number
}

/** What must come of it, written down without any regard to versions or merging. */
type Model<Value> = {
  /** What a handler does in one step. */
  write(state: AgentState, value: number): void
  /** The same on plain values. */
  apply(seen: Value | undefined, value: number): Value | undefined
  /** The document after a handler that began with `base` and ended with `mine`. Null: it stays as it is. */
  commit(current: Value | undefined, open: Open<Value>): Value | undefined | null
}

type World = { readonly store: StateStore; readonly clock: { now(): number } }

/** Runs the steps and compares store and model after each commit. */
async function check<Value>(
  options: Omit<DocumentOptions, 'history'>,
  modelOf: () => Model<Value>,
  sequence: readonly Step[],
): Promise<void> {
  const model = modelOf()
  let now = 1_000
  const clock = { now: () => now }
  const store = createStateStore({ clock })
  const world: World = { store, clock }
  const rules = documentRules({ [key]: defineDocument({ ...options, history }) })
  const storage = createStorageDouble()
  const opened = await storage.open({ clock: { now: () => 0 } })
  const begin = (): StateTransaction => beginStateTransaction(store, agent, live, rules)
  const open = new Map<number, Open<Value>>()
  const log: { readonly version: number; readonly value: Value | undefined }[] = []
  let current: Value | undefined

  const commit = (handler: Open<Value>): void => {
    try {
      handler.state.assertUnchanged()
    } catch (error) {
      expect(error).toMatchObject({ code: 'STATE_CONFLICT' })
      const anew: Open<Value> = { ...handler, base: current, mine: current, state: begin() }
      for (const value of handler.writes) {
        model.write(anew.state, value)
        anew.mine = model.apply(anew.mine, value)
      }
      anew.state.assertUnchanged()
      end(anew)
      return
    }
    end(handler)
  }
  const end = (handler: Open<Value>): void => {
    handler.state.assertJson()
    const versionBefore = log.at(-1)?.version ?? 0
    const next = model.commit(current, handler)
    handler.state.commit()
    // To delete what is not there says something only where the last word counts.
    const isWord = next !== undefined || current !== undefined || options.merge === 'last-writer'
    if (next !== null && isWord) {
      current = next
      log.push({ version: versionBefore + 1, value: next })
    }
    expect(store.read(agent, key)?.value).toEqual(current)
    const kept = store.history(agent, key)
    expect(kept.map(({ version, value }) => ({ version, value }))).toEqual(log.slice(-history).reverse())
    const stamps = kept.map(({ stamp }) => stamp)
    expect(stamps.toSorted().reverse()).toEqual(stamps)
    expect(new Set(stamps).size).toBe(stamps.length)
  }

  for (const [index, step] of sequence.entries()) {
    if (step.kind === 'clock') now += step.by
    else if (step.kind === 'save') await expectSavedIsLive(world, opened)
    else {
      let handler = open.get(step.handler)
      if (step.kind === 'write') {
        handler ??= { writes: [], base: current, mine: current, state: begin(), lastWrite: -1 }
        // A handler sees the document from here on as it is now.
        handler.state.get(key)
        open.set(step.handler, handler)
        handler.writes.push(step.value)
        model.write(handler.state, step.value)
        handler.mine = model.apply(handler.mine, step.value)
        handler.lastWrite = index
        expect(handler.state.get(key)).toEqual(handler.mine)
      } else if (handler !== undefined) {
        open.delete(step.handler)
        commit(handler)
      }
    }
  }
  for (const handler of open.values()) commit(handler)

  const loaded = await expectSavedIsLive(world, opened)
  // Later than any stamp, after which both clocks count from there.
  now += 10_000
  const [bySelf, byLoaded] = [store, loaded].map((from) => {
    for (const value of [1, 2, 3]) {
      const state = beginStateTransaction(from, agent, live, rules)
      model.write(state, value)
      state.commit()
    }
    return from.takeUnsaved()
  })
  expect(byLoaded).toEqual(bySelf)
}

type Opened = Awaited<ReturnType<ReturnType<typeof createStorageDouble>['open']>>

/** A store that is loaded from what was saved is the live one. */
async function expectSavedIsLive({ store, ...world }: World, opened: Opened): Promise<StateStore> {
  await opened.commit({ keyValue: store.takeUnsaved() })
  const loaded = createStateStore({ clock: world.clock })
  await loaded.load(opened.keyValue)
  expect(loaded.takeUnsaved()).toEqual([])
  expect(loaded.head(agent, key)).toEqual(store.head(agent, key))
  expect(loaded.history(agent, key)).toEqual(store.history(agent, key))
  expect(loaded.conflicts(agent)).toEqual(store.conflicts(agent))
  expect(loaded.nextVersion(agent, key)).toBe(store.nextVersion(agent, key))
  return loaded
}

const deterministic = (sequence: fc.Arbitrary<readonly Step[]>, run: (steps: readonly Step[]) => Promise<void>) =>
  fc.assert(fc.asyncProperty(sequence, run), { numRuns: 300 })

describe('handlers that read, write and commit in any order', () => {
  it('lose no addition to a counter', () =>
    deterministic(steps, (sequence) =>
      check<number>(
        { merge: 'counter' },
        () => ({
          write: (state, value) => state.set(key, (state.get<number>(key) ?? 0) + value),
          apply: (seen, value) => (seen ?? 0) + value,
          commit: (current, { base, mine }) => (current ?? 0) + (mine ?? 0) - (base ?? 0),
        }),
        sequence,
      ),
    ))

  it('lose no addition to one of many counters', () =>
    deterministic(steps, (sequence) => {
      type Counts = Record<string, number>
      const added = (counts: Counts | undefined, value: number): Counts => {
        const field = value % 2 === 0 ? 'even' : 'odd'
        return { ...counts, [field]: (counts?.[field] ?? 0) + value }
      }
      return check<Counts>(
        { merge: 'counter' },
        () => ({
          write: (state, value) => state.set(key, added(state.get<Counts>(key), value)),
          apply: added,
          commit: (current, { base, mine }) => {
            const total: Counts = { ...current }
            for (const field of Object.keys(mine ?? {}))
              total[field] = (total[field] ?? 0) + (mine?.[field] ?? 0) - (base?.[field] ?? 0)
            return total
          },
        }),
        sequence,
      )
    }))

  it('make the set that all their additions and removals make', () =>
    deterministic(steps, (sequence) => {
      // Canonical JSON of these sorts as the numbers do.
      const changed = (seen: readonly number[] | undefined, value: number): number[] =>
        value < 0
          ? (seen ?? []).filter((known) => known !== -value)
          : [...new Set([...(seen ?? []), value])].sort((a, b) => a - b)
      return check<readonly number[]>(
        { merge: 'set' },
        () => ({
          write: (state, value) => state.set(key, changed(state.get<number[]>(key), value)),
          apply: changed,
          commit: (current = [], { base = [], mine = [] }) => {
            const removed = base.filter((value) => !mine.includes(value))
            const added = mine.filter((value) => !base.includes(value))
            return [...new Set([...current, ...added])]
              .filter((value) => !removed.includes(value))
              .sort((a, b) => a - b)
          },
        }),
        sequence,
      )
    }))

  it('find the maximum of all that they wrote', () =>
    deterministic(steps, (sequence) =>
      check<number>(
        { merge: 'maximum' },
        () => ({
          write: (state, value) => state.set(key, value),
          apply: (seen = lowest, value) => Math.max(seen, value),
          commit: (current = lowest, { mine = lowest }) => Math.max(current, mine),
        }),
        sequence,
      ),
    ))

  it('leave what was written last, whoever ended last and however the clock jumped', () =>
    deterministic(steps, (sequence) =>
      check<number>(
        { merge: 'last-writer' },
        () => {
          let last = -1
          return {
            write: (state, value) => (value < 0 ? state.delete(key) : state.set(key, value)),
            apply: (_seen, value) => (value < 0 ? undefined : value),
            commit: (_current, { mine, lastWrite }) => {
              if (lastWrite < last) return null
              last = lastWrite
              return mine
            },
          }
        },
        sequence,
      ),
    ))

  it.each([
    ['without a merge', {}],
    [
      'with a merge that always fails and no more room for conflicts',
      { merge: () => mergeConflict('no'), conflicts: 1 },
    ],
  ] satisfies [string, DocumentOptions][])('lose no update %s', (_name, options: DocumentOptions) =>
    deterministic(steps, (sequence) => {
      let free = options.conflicts ?? 0
      return check<readonly number[]>(
        options,
        () => ({
          write: (state, value) => state.set(key, [...(state.get<number[]>(key) ?? []), value]),
          apply: (seen = [], value) => [...seen, value],
          commit: (current, { base, mine }) => {
            if (base === current) return mine
            // The first collision is kept as a conflict; whoever collides after that has run anew.
            free -= 1
            expect(free).toBe(0)
            return null
          },
        }),
        sequence,
      )
    }),
  )

  it('leave what a custom merge makes of it', () =>
    deterministic(steps, (sequence) =>
      check<string>(
        {
          merge: ({ base = '', theirs = '', mine = '' }) => String(theirs) + String(mine).slice(String(base).length),
        },
        () => ({
          write: (state, value) => state.set(key, `${state.get<string>(key) ?? ''}${value};`),
          apply: (seen = '', value) => `${seen}${value};`,
          commit: (current = '', { base = '', mine = '' }) => current + mine.slice(base.length),
        }),
        sequence,
      ),
    ))
})
