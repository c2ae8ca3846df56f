import type { JournalEntry } from '../storage/journal.js'

/** A recorded run that runs again from its beginning, for services that ask outside: they give the answers of then. */
export type RecordedRun = {
  /** The entries of a kind that the run had, in order. */
  entries(kind: string): AsyncIterable<JournalEntry>
  /** True where the run goes on after its record; false where it only repeats it, so that nothing may be asked outside. */
  readonly goesOn: boolean
}

/** The kind of journal entry that holds what a language model was asked and what it answered, by the hashes of their texts. */
export const modelCallKind = 'model-call'
