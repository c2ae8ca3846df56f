import { accountCases } from './account-cases.js'
import { admissionCases } from './admission-cases.js'
import { amendmentCases } from './amendment-cases.js'
import type { BrokerCase } from './broker-case.js'
import { contractCases } from './contract-cases.js'
import { lifecycleCases } from './lifecycle-cases.js'
import { matchingCases } from './matching-cases.js'
import { orderTypeCases } from './order-type-cases.js'
import { pairCases } from './pair-cases.js'
import { protectionCases } from './protection-cases.js'
import { quoteCases } from './quote-cases.js'

/** All cases of the contract, each with a number of its own. */
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
]
