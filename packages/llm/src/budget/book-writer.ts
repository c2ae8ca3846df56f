/** Writes the latest state whenever it is asked to; all who ask while a write is under way share the next one. */
export type BookWriter = {
  /** Settles when what there was at the time of the call is written. Rejects with the failure of that write. */
  written(): Promise<void>
}

export function createBookWriter(write: () => Promise<void>): BookWriter {
  let underWay: Promise<void> | undefined
  let next: Promise<void> | undefined

  async function afterCurrent(): Promise<void> {
    // Whether that one failed is its own callers' affair.
    await underWay?.catch(() => undefined)
    next = undefined
    underWay = write()
    try {
      await underWay
    } finally {
      if (next === undefined) underWay = undefined
    }
  }

  return {
    written() {
      next ??= afterCurrent()
      return next
    },
  }
}
