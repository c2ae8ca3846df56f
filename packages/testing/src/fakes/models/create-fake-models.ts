import { anthropicWire } from './anthropic-wire.js'
import type { FakeModelOptions, FakeModelServer } from './fake-model.js'
import { startFakeModel } from './fake-model-server.js'
import { openAiWire } from './openai-wire.js'

/**
 * A server that speaks like OpenAI: `/v1/responses` and `/v1/chat/completions`, whole and streamed, with its errors, its usage and a cache
 * of prompts that begin alike. It checks the key. Close it after the test.
 */
export function createFakeOpenAi(options: FakeModelOptions = {}): Promise<FakeModelServer> {
  return startFakeModel(openAiWire, false, options)
}

/** A server that speaks like Anthropic: `/v1/messages`, whole and streamed, with its errors, its usage and a cache up to the caller's marks. */
export function createFakeAnthropic(options: FakeModelOptions = {}): Promise<FakeModelServer> {
  return startFakeModel(anthropicWire, true, options)
}
