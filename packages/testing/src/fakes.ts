export { createFakeAlpaca, type FakeAlpaca } from './fakes/alpaca/create-fake-alpaca.js'
export type { FakeAlpacaAsset, FakeAlpacaBar, FakeAlpacaOptions } from './fakes/alpaca/fake-alpaca-options.js'
export type { SeenRequest } from './fakes/alpaca/fake-http-host.js'
export type { FakeMarket } from './fakes/alpaca/fake-market.js'
export type { FakeConditions, FakeFault } from './fakes/alpaca/fault-board.js'
export { createFakeAnthropic, createFakeOpenAi } from './fakes/models/create-fake-models.js'
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
