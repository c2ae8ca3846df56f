import { expect } from 'vitest'
import { z } from 'zod'
import { type DocumentDeclarations, defineDocument, documentRules } from '../state/define-document.js'
import { mergeConflict } from '../state/merge-conflict.js'
import { createStateStore, type StateStore, type StateStoreOptions } from '../state/state-store.js'
import { beginStateTransaction, type StateTransaction } from '../state/transaction.js'
import { createStorageDouble } from './storage-double.test-support.js'

const live = (): void => undefined
export const conflicting: unknown = expect.objectContaining({ code: 'STATE_CONFLICT' })

const documents = {
  doc: defineDocument({ history: 3 }),
  'count/*': defineDocument({ merge: 'counter' }),
  last: defineDocument({ merge: 'last-writer' }),
  torn: defineDocument({ merge: () => mergeConflict('cannot tell'), conflicts: 2 }),
  'torn/*': defineDocument({ merge: () => mergeConflict('cannot tell') }),
  small: defineDocument({ schema: z.number().max(9) }),
} satisfies DocumentDeclarations

/** A store whose agent `a` declares documents, with handlers that a test begins and ends by hand. */
export function createStateBench(options: StateStoreOptions = {}) {
  let now = 0
  const clock = { now: () => now }
  const store = createStateStore({ clock, ...options })
  const rules = documentRules(documents)
  const begin = (of: StateStore = store): StateTransaction => beginStateTransaction(of, 'a', live, rules)
  const end = (state: StateTransaction): void => {
    state.assertUnchanged()
    state.assertJson()
    state.commit()
  }
  const commit = (work: (state: StateTransaction) => void): void => {
    const state = begin()
    work(state)
    end(state)
  }
  return {
    store,
    begin,
    end,
    commit,
    at(time: number) {
      now = time
    },
  }
}

export type StateBench = ReturnType<typeof createStateBench>

/** Two handlers of which `mine` ends second. */
export function collide({ begin, end, commit }: StateBench, theirs: unknown, mine: unknown, key = 'torn'): void {
  const state = begin()
  state.get(key)
  state.set(key, mine)
  commit((other) => other.set(key, theirs))
  end(state)
}

/** A store that is loaded from what was saved before and what the other saves now. */
export async function reloaded(store: StateStore, keyValues = new Map<string, string>()) {
  const storage = createStorageDouble()
  for (const [key, value] of keyValues) storage.keyValues.set(key, value)
  const opened = await storage.open({ clock: { now: () => 0 } })
  await opened.commit({ keyValue: store.takeUnsaved() })
  const loaded = createStateStore()
  await loaded.load(opened.keyValue)
  return { loaded, keyValues: storage.keyValues }
}
