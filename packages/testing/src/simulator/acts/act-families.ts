import { accounts } from './accounts.js'
import type { ActFamily } from './act-family.js'
import { amounts } from './amounts.js'
import { approvals } from './approvals.js'
import { busActs } from './bus-acts.js'
import { contingencies } from './contingencies.js'
import { contracts } from './contracts.js'
import { corporateActions } from './corporate-actions.js'
import { corrections } from './corrections.js'
import { disturbances } from './disturbances.js'
import { emergencies } from './emergencies.js'
import { executions } from './executions.js'
import { exits } from './exits.js'
import { externals } from './externals.js'
import { lateNews } from './late-news.js'
import { movements } from './movements.js'
import { orderTypes } from './order-types.js'
import { recounts } from './recounts.js'
import { scopedHalts } from './scoped-halts.js'
import { shorts } from './shorts.js'
import { trespasses } from './trespasses.js'

/** All families of acts; each decides by dice of its own, so that one more changes no seed that does not have it. */
export const actFamilies: readonly ActFamily[] = [
  accounts,
  scopedHalts,
  emergencies,
  approvals,
  trespasses,
  disturbances,
  orderTypes,
  contingencies,
  executions,
  corporateActions,
  movements,
  shorts,
  externals,
  busActs,
  lateNews,
  corrections,
  recounts,
  amounts,
  exits,
  contracts,
]
