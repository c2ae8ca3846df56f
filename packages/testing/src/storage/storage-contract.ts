import { describe } from 'vitest'
import { archiveCases } from './archive-cases.js'
import { commitCases } from './commit-cases.js'
import type { StorageContractOptions } from './contract-harness.js'
import { journalCases } from './journal-cases.js'
import { keyValueCases } from './key-value-cases.js'
import { modelCases } from './model-cases.js'
import { queryCases } from './query-cases.js'

/**
 * Declares, in the calling vitest file, the tests that every storage passes whole: journal and its archive, key-value store, query
 * store, blob store, atomic commits, closing and reopening, and random programs against a naive model.
 */
export function storageContract(name: string, options: StorageContractOptions): void {
  describe(`storage contract: ${name}`, () => {
    journalCases(options)
    archiveCases(options)
    keyValueCases(options)
    queryCases(options)
    commitCases(options)
    modelCases(options)
  })
}
