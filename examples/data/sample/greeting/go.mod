module example.com/greeting

go 1.22

require example.com/Words v0.3.0
