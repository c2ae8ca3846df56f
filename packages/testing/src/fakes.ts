export { createFakeAlpaca, type FakeAlpaca } from './fakes/alpaca/create-fake-alpaca.js'
export type { FakeAlpacaAsset, FakeAlpacaBar, FakeAlpacaOptions } from './fakes/alpaca/fake-alpaca-options.js'
export type { FakePayment } from './fakes/alpaca/fake-payments.js'
export type { FakeConditions, FakeFault } from './fakes/alpaca/fault-board.js'
export { createFakeAnthropic, createFakeOpenAi } from './fakes/models/create-fake-models.js'
export type { FakeBatch, FakeBatchDesk, FakeBatchFate } from './fakes/models/fake-batches.js'
export {
  type FakeModelAnswer,
  type FakeModelFault,
  type FakeModelOptions,
  type FakeModelRequest,
  type FakeModelServer,
  type FakeToolCall,
  type FakeUsage,
  fakeTokens,
  type SeenModelRequest,
} from './fakes/models/fake-model.js'
export { createFakeOkx } from './fakes/okx/create-fake-okx.js'
export type { FakeOkx } from './fakes/okx/fake-okx.js'
export type { FakeOkxCandle, FakeOkxInstrument, FakeOkxOptions } from './fakes/okx/fake-okx-options.js'
export type { FakeOkxConditions, FakeOkxFault } from './fakes/okx/fault-board.js'
export type { PlainLevel } from './fakes/okx/okx-book.js'
export type { SeenRequest } from './fakes/shared/fake-http-host.js'
export type { FakeMarket } from './fakes/shared/fake-market.js'
export { createFaultyFake, type FaultyFakeParts } from './fakes/shared/faulty-fake.js'
export { createHurriedLine, type HurriedLine, type Line, type LineEnd } from './fakes/shared/hurried-line.js'
export { createWatchedLine, type WatchedLine } from './fakes/shared/watched-line.js'
export type { SimulatedTransport } from './fakes/simulation/link-to.js'
export {
  type SimulatedAlpacaAccount,
  type SimulatedAlpacaOptions,
  simulatedAlpaca,
} from './fakes/simulation/simulated-alpaca.js'
export { type SimulatedOkxAccount, type SimulatedOkxOptions, simulatedOkx } from './fakes/simulation/simulated-okx.js'
