# Sentences that are said everywhere.

# When nothing else can be said.
generic = Sorry, I didn't get that. Type *menu* to start over, or *person* to talk to the shop.
generic-label = Choose
generic-link = Open
error-try-again = Sorry, something went wrong on our side. Please send that again in a moment; your cart is safe.
reply-cut = That's a long message, so I read only the first part of it.
reply-edited = I see you changed an earlier message. I only act on new ones, so please send me what should be different.

# How a name is addressed, and the titles that a name may bring (small letters).
dear = { $name }
titles = mr mrs ms miss sir madam dr prof

# Dates and times.
date-short = { $day }, { $date } { $month }
date-time = { $day }, { $date } { $month } { $year } { $time } { $zone }
day-mon = Mon
day-tue = Tue
day-wed = Wed
day-thu = Thu
day-fri = Fri
day-sat = Sat
day-sun = Sun
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
