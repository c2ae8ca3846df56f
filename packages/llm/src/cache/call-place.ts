import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { contextOf } from '../call-context.js'
import { type CallMode, cacheKey } from './cache-key.js'
import { NoCanonicalCall } from './canonical-call.js'
import type { ResolvedCacheOptions } from './exact-cache-options.js'
import { providerAddress } from './provider-address.js'
import { type NotStoredReason, whyCallIsNotStored } from './why-not-stored.js'

/** What a call is known by in a cache, and whether its answer may outlive the process. */
export type CallPlace = { readonly key: string; readonly isKept: boolean }

/** Finds the place of a call, or the reason why it has none. */
export type FindPlace = (
  mode: CallMode,
  model: LanguageModelV4,
  params: LanguageModelV4CallOptions,
) => CallPlace | NotStoredReason

/** Two models whose address nobody knows are never taken for one, and their answers stay in this process. */
export function createFindPlace(options: ResolvedCacheOptions): FindPlace {
  const nameless = new WeakMap<LanguageModelV4, string>()

  function nameOf(model: LanguageModelV4): string {
    const name = nameless.get(model) ?? options.ids.next('model')
    nameless.set(model, name)
    return name
  }

  return (mode, model, params) => {
    const context = contextOf(params)
    if (context.cache === false) return 'turned-off'
    const fault = whyCallIsNotStored(params, options)
    if (fault !== undefined) return fault
    const address = options.baseUrl ?? providerAddress(model)
    try {
      const key = cacheKey({
        namespace: options.namespace,
        epoch: context.epoch ?? options.epoch(),
        mode,
        provider: model.provider,
        modelId: model.modelId,
        baseUrl: address ?? nameOf(model),
        options: params,
      })
      return { key, isKept: address !== undefined }
    } catch (error) {
      if (error instanceof NoCanonicalCall) return 'no-canonical-form'
      throw error
    }
  }
}
