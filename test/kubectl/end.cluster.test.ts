import { endStories } from './stories/end.ts';
import { tellBoth } from './tell-both.ts';

tellBoth(endStories);
