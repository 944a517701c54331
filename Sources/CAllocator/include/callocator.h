#pragma once

/* Ends the program with a message and code 71: for memory that does not come from malloc. What else
 * the target does it does before main. */
_Noreturn void callocator_end_program(void);
