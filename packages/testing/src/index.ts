export { type BrokerBench, benchInstruments, openBrokerBench } from './broker/broker-bench.js'
export type { BrokerCapability } from './broker/broker-capability.js'
export { brokerContract, runBrokerCase } from './broker/broker-contract.js'
export type {
  BenchRole,
  BrokerHarness,
  BrokerSetup,
  RoleInstrument,
} from './broker/broker-harness.js'
export { createDailyMarket, type DailyMarket, type RestOfBar } from './broker/daily-market.js'
export { eventLoopTurn } from './broker/event-loop-turn.js'
export type { FaultyVenue, StreamTrouble, VenueRequest } from './broker/faulty-venue.js'
export {
  beginKernelLife,
  type KernelFate,
  type KernelLife,
  type KernelLifeOptions,
  type SettlingBroker,
} from './broker/kernel-life.js'
export { createManualFeed, type ManualFeed } from './broker/manual-feed.js'
export { type HandAccount, type HandOrder, openByHand, type TradeOptions } from './broker/open-by-hand.js'
export { createOpenGuard, type OpenGuard } from './broker/open-guard.js'
export type { OrderDesk, OrderFields } from './broker/order-desk.js'
export type { AgentView, IntentFields, SimulatedAgent } from './simulator/agent-desk.js'
export { checkSubject } from './simulator/check-subject.js'
export { expectedCoverage, subjectAsked, subjectDenied, subjectPermitted } from './simulator/coverage.js'
export type { Violation } from './simulator/judge-bench.js'
export type { KernelFactory } from './simulator/kernel-life.js'
export type { LineSocket } from './simulator/line/line-socket.js'
export type { PatienceOptions } from './simulator/patience.js'
export type { ScenarioResult, SimulationSubject } from './simulator/run-scenario.js'
export { createSessionBroker, type SimulatedAdapter } from './simulator/session-broker.js'
export {
  examineSeed,
  type SimulateOptions,
  type SimulationFailure,
  type SimulationReport,
  simulate,
  simulateSeed,
} from './simulator/simulate.js'
export { type SweepOptions, type SweepReport, sweepCrashes } from './simulator/sweep-crashes.js'
export type {
  LinkOptions,
  ListedContracts,
  VenueEnd,
  VenueLink,
  VenueStage,
  VenueTerms,
  VenueUnderTest,
} from './simulator/venue-end.js'
export type { VenueSession } from './simulator/venue-session.js'
export type { ManualClock, StorageContractOptions, StorageFixture } from './storage/contract-harness.js'
export { storageContract } from './storage/storage-contract.js'
export type { CrashPoint } from './swarm/commit-faults.js'
export { createTestSwarm, type TestLogLine, type TestSwarm, type TestSwarmOptions } from './swarm/create-test-swarm.js'
export { createSimulatedClock, type SimulatedClock } from './swarm/simulated-clock.js'
