/** The timeline: lanes over time on a canvas, and the overview of the whole trace above it. */

import './timeline.css';

export type { Actions } from './actions';
export { type GrowingPane, mountGrowing } from './growing';
export { mountOverview, type OverviewPane } from './overview';
export { type Timeline, type ViewProbe, mountTimeline } from './timeline';
