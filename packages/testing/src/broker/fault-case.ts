import type { BrokerCapability } from './broker-capability.js'
import type { BrokerSetup } from './broker-harness.js'
import type { FaultBench } from './fault-bench.js'

/** One numbered case of the contract at a venue that fails; all of them need `faults`. */
export type FaultCase = {
  readonly id: `B${number}`
  readonly title: string
  readonly needs?: readonly BrokerCapability[]
  readonly setup?: Partial<BrokerSetup>
  run(bench: FaultBench): Promise<void>
}
