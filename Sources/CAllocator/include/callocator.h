#pragma once
/* Nothing is called: what the target does it does before main. */
