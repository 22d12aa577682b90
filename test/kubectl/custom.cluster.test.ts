import { customStories } from './stories/custom.ts';
import { tellBoth } from './tell-both.ts';

tellBoth(customStories);
