import { brokerContract } from '@tradeswarm/testing'
import { paperHarness } from './paper-contract.test-support.js'

brokerContract('the paper broker', paperHarness)
