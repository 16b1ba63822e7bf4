import { answerJobs, type Dataset } from '@neuroprint/core';
import { type SearchOptions, type SearchResult, searchInjection } from './search.ts';

/** A search, and the table that it is on. */
export interface SearchJob {
  readonly data: Dataset;
  readonly options: SearchOptions;
}

answerJobs<SearchJob, SearchResult, number>(({ data, options }, tell) => searchInjection(data, options, tell));
