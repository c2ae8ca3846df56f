import type { D1DatabaseBinding } from '../bindings.js'

/** What happens to one call of `batch`: it may be let through, before or after which something may be thrown. */
export type BatchFault = (run: () => Promise<void>) => Promise<void>

/** A D1 binding whose next calls of `batch` go through faults, one each; those after them are undisturbed. */
export function faultyBinding(database: D1DatabaseBinding): {
  readonly binding: D1DatabaseBinding
  readonly faults: BatchFault[]
  /** What was prepared so far. */
  readonly statements: Set<string>
} {
  const faults: BatchFault[] = []
  const statements = new Set<string>()
  const binding: D1DatabaseBinding = {
    prepare(query) {
      statements.add(query)
      return database.prepare(query)
    },
    async batch<Row>(batch: ReturnType<D1DatabaseBinding['prepare']>[]) {
      let results: { readonly results: Row[] }[] = []
      const run = async (): Promise<void> => {
        results = await database.batch<Row>(batch)
      }
      const fault = faults.shift()
      await (fault === undefined ? run() : fault(run))
      return results
    },
  }
  return { binding, faults, statements }
}

/** The request reached the database, its answer was lost. */
export const answerLost: BatchFault = async (run) => {
  await run()
  throw new Error('D1_ERROR: Network connection lost.')
}

/** The request was lost on its way. */
export const requestLost: BatchFault = async () => {
  throw new Error('D1_ERROR: Network connection lost.')
}

/** The database said something instead of doing it. */
export function refused(message: string): BatchFault {
  return async () => {
    throw new Error(`D1_ERROR: ${message}`)
  }
}
