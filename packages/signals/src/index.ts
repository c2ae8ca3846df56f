export type { PollContext, SignalSource, SignalSourceOptions, SourceItem } from './signal-source.js'
