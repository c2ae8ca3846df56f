import { createApprovalChecker } from './approval-checker.js'
import { createCashChecker } from './cash-checker.js'
import type { CheckerFactory } from './checker.js'
import { createContingencyChecker } from './contingency-checker.js'
import { createCorporateChecker } from './corporate-checker.js'
import { createHaltChecker } from './halt-checker.js'
import { createLeavingChecker } from './leaving-checker.js'
import { createLimitChecker } from './limit-checker.js'
import { createOrderChecker } from './order-checker.js'
import { createProtectionChecker } from './protection-checker.js'

/** All judges of a simulation. */
export const checkers: readonly CheckerFactory[] = [
  createOrderChecker,
  createCashChecker,
  createLimitChecker,
  createHaltChecker,
  createProtectionChecker,
  createLeavingChecker,
  createApprovalChecker,
  createContingencyChecker,
  createCorporateChecker,
]
