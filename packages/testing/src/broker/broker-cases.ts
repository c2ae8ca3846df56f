import { accountCases } from './account-cases.js'
import { admissionCases } from './admission-cases.js'
import { ambiguityCases } from './ambiguity-cases.js'
import { amendmentCases } from './amendment-cases.js'
import type { BrokerCase } from './broker-case.js'
import { contractCases } from './contract-cases.js'
import type { FaultCase } from './fault-case.js'
import { lifecycleCases } from './lifecycle-cases.js'
import { limitCases } from './limit-cases.js'
import { matchingCases } from './matching-cases.js'
import { orderTypeCases } from './order-type-cases.js'
import { pagingCases } from './paging-cases.js'
import { pairCases } from './pair-cases.js'
import { precisionCases } from './precision-cases.js'
import { protectionCases } from './protection-cases.js'
import { quoteCases } from './quote-cases.js'
import { streamCases } from './stream-cases.js'
import { symbolCases } from './symbol-cases.js'

/** The cases at a venue that does as it should, each with a number of its own. */
export const brokerCases: readonly BrokerCase[] = [
  ...admissionCases,
  ...matchingCases,
  ...lifecycleCases,
  ...protectionCases,
  ...accountCases,
  ...orderTypeCases,
  ...amendmentCases,
  ...quoteCases,
  ...contractCases,
  ...pairCases,
  ...precisionCases,
  ...symbolCases,
]

/** Those at a venue, a network and a clock that fail. */
export const faultCases: readonly FaultCase[] = [...ambiguityCases, ...streamCases, ...limitCases, ...pagingCases]
