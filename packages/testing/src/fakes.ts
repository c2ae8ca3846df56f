export { createFakeAnthropic, createFakeOpenAi } from './fakes/models/create-fake-models.js'
export {
  type FakeModelAnswer,
  type FakeModelFault,
  type FakeModelOptions,
  type FakeModelRequest,
  type FakeModelServer,
  type FakeUsage,
  fakeTokens,
  type SeenModelRequest,
} from './fakes/models/fake-model.js'
