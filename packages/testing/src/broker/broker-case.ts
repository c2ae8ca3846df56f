import type { BrokerBench } from './broker-bench.js'
import type { BrokerCapability } from './broker-capability.js'
import type { BrokerSetup } from './broker-harness.js'

/** One numbered case of the contract. */
export type BrokerCase = {
  readonly id: `B${number}`
  readonly title: string
  readonly needs?: readonly BrokerCapability[]
  readonly setup?: Partial<BrokerSetup>
  run(bench: BrokerBench): Promise<void>
}
